import { type Deed, type Facts, toDifference } from '../../core/audit.ts';
import type { Budget } from '../../core/budgets.ts';
import type { ImageRequest } from '../../core/image-request.ts';
import type { Organization } from '../../core/organization.ts';
import { toDollars } from '../../core/pricing.ts';
import { every, type UpstreamKey } from '../../core/upstreams.ts';
import type { WebhookEndpoint } from '../../core/webhooks.ts';
import { toSeconds, toSecondsOrNull } from '../../platform/unix-time.ts';
import type { ApiKey } from '../key-store.ts';
import type { OrganizationStore } from '../organization-store.ts';
import type { Removal, Removed } from '../removal-store.ts';
import type { ConsoleSession, HowEnded } from '../session-store.ts';
import { withoutOrganization } from './organizations.ts';

/*
 * What the audit log notes of each write: from its result and from what was there before, both read in its transaction. A write
 * that has changed nothing notes nothing. No secret is among the facts.
 */

type Deeds = readonly Deed[];

const nothing: Deeds = [];

export function keyCreated(key: ApiKey): Deeds {
  return [{ action: 'key.created', ...toKeyTarget(key), after: toKeyFacts(key) }];
}

export function keyChanged(after: ApiKey | undefined, before: ApiKey | undefined): Deeds {
  if (!after || !before) return nothing;
  const difference = toDifference(toKeyFacts(before), toKeyFacts(after));
  return isEmpty(difference.after) ? nothing : [{ action: 'key.changed', ...toKeyTarget(after), ...difference }];
}

export function keyRotated(key: ApiKey | undefined): Deeds {
  if (!key) return nothing;
  const after = { old_text_until: toSecondsOrNull(key.oldSecret?.until) };
  return [{ action: 'key.rotated', ...toKeyTarget(key), after }];
}

export function keyRevoked(isRevoked: boolean, key: ApiKey | undefined): Deeds {
  return isRevoked && key ? [{ action: 'key.revoked', ...toKeyTarget(key), before: toKeyFacts(key) }] : nothing;
}

/** `key` is the row of the person. */
export function sessionBegun(key: ApiKey | undefined): Deeds {
  if (!key) return nothing;
  return [{ action: 'console.signed_in', ...toKeyTarget(key), after: { roles: key.person?.roles ?? {} } }];
}

export function sessionEnded(isEnded: boolean, how: HowEnded, session: ConsoleSession | undefined): Deeds {
  if (!isEnded || !session) return nothing;
  if (how === 'signed-out') return [{ action: 'console.signed_out', target: session.apiKeyId }];
  return [{ action: 'session.revoked', target: session.id, before: { api_key_id: session.apiKeyId } }];
}

function toKeyTarget({ id, organizationIds }: ApiKey): Pick<Deed, 'target' | 'organizationId'> {
  return { target: id, organizationId: organizationIds[0] };
}

function toKeyFacts(key: ApiKey): Facts {
  return {
    name: key.name,
    organization_ids: key.organizationIds,
    scopes: key.scopes,
    limits: key.limits,
    cancel_when_gone: key.cancelWhenGone,
    model_ids: key.modelIds ?? null,
    expires_at: toSecondsOrNull(key.expiresAt),
  };
}

export function organizationCreated(isNew: boolean, organization: Organization): Deeds {
  return isNew
    ? [
        {
          action: 'organization.created',
          ...toOrganizationTarget(organization),
          after: toOrganizationFacts(organization),
        },
      ]
    : nothing;
}

export function organizationChanged(after: Organization | undefined, before: Organization | undefined): Deeds {
  if (!after || !before) return nothing;
  const difference = toDifference(toOrganizationFacts(before), toOrganizationFacts(after));
  if (isEmpty(difference.after)) return nothing;
  return [{ action: 'organization.changed', ...toOrganizationTarget(after), ...difference }];
}

/** A suspension, or its end. */
export function organizationSuspended(after: Organization | undefined, before: Organization | undefined): Deeds {
  if (!after || !before || after.suspendedAt === before.suspendedAt) return nothing;
  const action = after.suspendedAt === undefined ? 'organization.resumed' : 'organization.suspended';
  return [{ action, ...toOrganizationTarget(after) }];
}

export interface OrganizationWithKeys {
  readonly organization: Organization | undefined;
  /** Those that belong to it. */
  readonly keys: readonly ApiKey[];
}

/** Its keys are revoked, or no longer belong to it. */
export function organizationRemoved(
  result: Awaited<ReturnType<OrganizationStore['remove']>>,
  before: OrganizationWithKeys | undefined,
): Deeds {
  const { organization, keys = [] } = before ?? {};
  if (result !== 'removed' || !organization) return nothing;
  const { id } = organization;
  const ofKeys = keys.flatMap((key) => {
    const left = withoutOrganization(key, id);
    return left === 'revoked'
      ? keyRevoked(key.revokedAt === undefined, key)
      : keyChanged({ ...key, organizationIds: left }, key);
  });
  return [
    {
      action: 'organization.removed',
      ...toOrganizationTarget(organization),
      before: toOrganizationFacts(organization),
    },
    ...ofKeys,
  ];
}

function toOrganizationTarget({ id }: Organization): Pick<Deed, 'target' | 'organizationId'> {
  return { target: id, organizationId: id };
}

function toOrganizationFacts({ name, limits }: Organization): Facts {
  return { name, limits };
}

type BudgetKey = Omit<Budget, 'limitMicros'>;

export function budgetSet(budget: Budget, before: Budget | undefined): Deeds {
  return [
    {
      action: 'budget.set',
      ...toBudgetTarget(budget),
      ...(before && { before: toBudgetFacts(before) }),
      after: toBudgetFacts(budget),
    },
  ];
}

export function budgetRemoved(isRemoved: boolean, before: Budget | undefined): Deeds {
  return isRemoved && before
    ? [{ action: 'budget.removed', ...toBudgetTarget(before), before: toBudgetFacts(before) }]
    : nothing;
}

function toBudgetTarget({ scope, id, period }: BudgetKey): Pick<Deed, 'target' | 'organizationId'> {
  return { target: `${scope}/${id}/${period}`, ...(scope === 'organization' && { organizationId: id }) };
}

function toBudgetFacts({ limitMicros }: Budget): Facts {
  return { limit_usd: toDollars(limitMicros) };
}

export function upstreamHeld(key: UpstreamKey): Deeds {
  return [{ action: key.upstream === every ? 'model.paused' : 'upstream.paused', target: toUpstreamTarget(key) }];
}

export function upstreamReleased(key: UpstreamKey): Deeds {
  return [{ action: key.upstream === every ? 'model.resumed' : 'upstream.resumed', target: toUpstreamTarget(key) }];
}

function toUpstreamTarget({ upstream, model }: UpstreamKey): string {
  return upstream === every ? model : upstream;
}

/** One entry for each organization. */
export function requestsRequeued(requests: readonly ImageRequest[]): Deeds {
  return [...Map.groupBy(requests, ({ organizationId }) => organizationId)].map(([organizationId, own]) => {
    const ids = own.map(({ id }) => id);
    const [first = ''] = ids;
    const target = ids.length === 1 ? first : `${ids.length} requests`;
    return { action: 'request.requeued', target, organizationId, after: { request_ids: ids } };
  });
}

export function requestDeleted(removed: Removed): Deeds {
  if (removed.kind !== 'removed' || !removed.isNew) return nothing;
  const { id, organizationId, model, status, createdAt } = removed.tombstone;
  return [
    {
      action: 'request.deleted',
      target: id,
      organizationId,
      before: { model, status, created_at: toSeconds(createdAt) },
    },
  ];
}

/** One that had been removed before is not noted again. */
export function uploadDeleted(
  { organizationId, name }: Removal & { readonly name: string },
  wasThere: boolean | undefined,
): Deeds {
  return wasThere ? [{ action: 'upload.deleted', target: name, organizationId }] : nothing;
}

export function endpointCreated(isNew: boolean, endpoint: WebhookEndpoint): Deeds {
  return isNew
    ? [{ action: 'webhook_endpoint.created', ...toEndpointTarget(endpoint), after: toEndpointFacts(endpoint) }]
    : nothing;
}

export function endpointChanged(after: WebhookEndpoint | undefined, before: WebhookEndpoint | undefined): Deeds {
  if (!after || !before) return nothing;
  if (after.secretVersion !== before.secretVersion)
    return [{ action: 'webhook_endpoint.secret_rotated', ...toEndpointTarget(after) }];
  const difference = toDifference(toEndpointFacts(before), toEndpointFacts(after));
  if (isEmpty(difference.after) && after.url === before.url) return nothing;
  return [{ action: 'webhook_endpoint.changed', ...toEndpointTarget(after), ...difference }];
}

export function endpointRemoved(isRemoved: boolean, before: WebhookEndpoint | undefined): Deeds {
  return isRemoved && before
    ? [{ action: 'webhook_endpoint.removed', ...toEndpointTarget(before), before: toEndpointFacts(before) }]
    : nothing;
}

function toEndpointTarget({ id, organizationId }: WebhookEndpoint): Pick<Deed, 'target' | 'organizationId'> {
  return { target: id, organizationId };
}

/** The path of an address is often its secret. */
function toEndpointFacts({ url, events, pausedAt }: WebhookEndpoint): Facts {
  return { origin: new URL(url).origin, events, is_paused: pausedAt !== undefined };
}

export function secretRotated(organizationId: string): Deeds {
  return [{ action: 'webhook_secret.rotated', target: organizationId, organizationId }];
}

function isEmpty(facts: Facts): boolean {
  return Object.keys(facts).length === 0;
}
