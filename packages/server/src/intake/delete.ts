import type { By } from '../core/audit.ts';
import { Problem } from '../core/problem.ts';
import type { MediaStore } from '../media/media-store.ts';
import { removeNamed, removeObjects } from '../media/remove-objects.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { AuditStore } from '../store/audit-store.ts';
import type { RemovalStore, Tombstone } from '../store/removal-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { WebhookStore } from '../store/webhook-store.ts';
import type { Caller } from './caller.ts';
import { createMissing } from './find.ts';

export interface DeletionOptions {
  readonly store: Pick<RequestStore, 'list' | 'cancel'>;
  readonly webhooks: Pick<WebhookStore, 'listEndpoints' | 'deleteEndpoint'>;
  readonly removals: RemovalStore;
  readonly audit: Pick<AuditStore, 'record'>;
  readonly media: Pick<MediaStore, 'discardStored'>;
  /** How long it is known that something was removed. */
  readonly tombstoneMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What somebody may delete. Everything that one of these calls has removed is gone from the database and the storage. */
export interface Deletions {
  /**
   * The caller's ended request, with its payload, its log and its pictures. Resolves to what is left of it, however often it is
   * called. Rejects with a `Problem` when it has not ended, or when there never was one.
   */
  readonly deleteRequest: (caller: Caller, id: string) => Promise<Tombstone>;
  /** The caller's upload. Requests that refer to it can no longer read it. */
  readonly deleteUpload: (caller: Caller, name: string) => Promise<void>;
  /**
   * Everything that an organization has sent and made, and its webhook endpoints. Open requests are cancelled first. `isComplete`
   * is false when it took too long, or when calls are still under way: the same call again removes the rest.
   */
  readonly deleteOrganization: (organizationId: string, by: Caller) => Promise<DeletedContent>;
}

export interface DeletedContent {
  readonly requests: number;
  readonly uploads: number;
  readonly isComplete: boolean;
}

const batch = 50;
/** Below the time-outs of proxies. */
const mostMs = 20_000;

export function createDeletions(options: DeletionOptions): Deletions {
  const { removals, tombstoneMs, clock, logger } = options;

  /** Bytes that the storage does not let go of now are noted in the store, and go later. */
  const removeBytes = (names: readonly string[]) =>
    removeNamed(names, options).catch((error: unknown) => logger.error({ event: 'media.unremoved', err: error }));

  return {
    deleteRequest: async (caller, id) => {
      const { organizationId, apiKeyId } = caller;
      const now = clock.now();
      const removed = await removals.remove({ organizationId, id, now, tombstoneMs, by: toBy(caller, now) });
      if (removed.kind === 'missing') throw createMissing();
      if (removed.kind === 'open') throw createOpenProblem();
      await removeBytes(removed.media);
      if (removed.isNew) noteDeletion(logger, { what: 'request', id, organizationId, apiKeyId });
      return removed.tombstone;
    },
    deleteUpload: async (caller, name) => {
      const { organizationId, apiKeyId } = caller;
      const now = clock.now();
      const isThere = await removals.removeUpload({ organizationId, name, now, tombstoneMs, by: toBy(caller, now) });
      if (!isThere) throw new Problem('not_found', 'There is no upload of this name.');
      await removeBytes([name]);
      noteDeletion(logger, { what: 'upload', id: name, organizationId, apiKeyId });
    },
    deleteOrganization: async (organizationId, caller) => {
      await noteContent(organizationId, caller, options);
      const content = await deleteContent(organizationId, caller, options);
      await noteContent(organizationId, caller, { ...options, content });
      noteDeletion(logger, { what: 'organization', id: organizationId, organizationId, apiKeyId: caller.apiKeyId });
      return content;
    },
  };
}

function toBy({ actor }: Caller, at: number): By | undefined {
  return actor && { actor, at };
}

/** Noted twice: when it begins, since a kill may end it half-way, and with what it has deleted. */
async function noteContent(
  organizationId: string,
  caller: Caller,
  { audit, clock, content }: DeletionOptions & { readonly content?: DeletedContent },
): Promise<void> {
  const by = toBy(caller, clock.now());
  if (!by) return;
  const after = content && {
    requests: content.requests,
    uploads: content.uploads,
    is_complete: content.isComplete,
  };
  await audit.record(by, { action: 'content.deleted', target: organizationId, organizationId, after });
}

/** The log says it, too. */
function noteDeletion(
  logger: Logger,
  deletion: {
    readonly what: 'request' | 'upload' | 'organization';
    readonly id: string;
    readonly organizationId: string;
    readonly apiKeyId: string;
  },
): void {
  const { what, id, organizationId, apiKeyId } = deletion;
  logger.info({ event: 'content.deleted', what, id, organization_id: organizationId, api_key_id: apiKeyId });
}

async function deleteContent(
  organizationId: string,
  caller: Caller,
  options: DeletionOptions,
): Promise<DeletedContent> {
  const { webhooks, removals, tombstoneMs, clock } = options;
  const end = clock.now() + mostMs;
  for (const { id } of await webhooks.listEndpoints(organizationId))
    await webhooks.deleteEndpoint(organizationId, id, toBy(caller, clock.now()));
  const sum = { requests: 0, uploads: 0 };
  while (clock.now() < end) {
    await cancelOpen(organizationId, options);
    const removed = await removals.removeOrganization({ organizationId, now: clock.now(), tombstoneMs, limit: batch });
    sum.requests += removed.requests;
    sum.uploads += removed.uploads;
    if (removed.requests + removed.uploads > 0) continue;
    await removeObjects(options);
    const { total } = await options.store.list({ organizationId, limit: 1 });
    return { ...sum, isComplete: total === 0 };
  }
  await removeObjects(options);
  return { ...sum, isComplete: false };
}

async function cancelOpen(organizationId: string, { store, clock }: DeletionOptions): Promise<void> {
  for (const status of ['queued', 'processing'] as const) {
    const { requests } = await store.list({ organizationId, status, limit: batch });
    for (const { id } of requests) await store.cancel(organizationId, id, clock.now());
  }
}

function createOpenProblem(): Problem {
  return new Problem(
    'request_open',
    'The request has not ended, or one of its calls is still under way: cancel it, wait for its end, and delete it then.',
    { retryAfterSeconds: 5 },
  );
}
