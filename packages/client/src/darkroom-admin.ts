import { type Call, type CallOptions, createSend, type DarkroomOptions, type Send, toCall, toQuery } from './call.ts';
import { readLines } from './read-lines.ts';
import type {
  AuditAction,
  AuditEntryRecord,
  AuditList,
  BatchJobList,
  BudgetList,
  BudgetRecord,
  DeletedContent,
  FailedList,
  KeyBody,
  KeyChange,
  KeyList,
  KeyRecord,
  NewKeyRecord,
  OrganizationBody,
  OrganizationChange,
  OrganizationList,
  OrganizationRecord,
  RequeueReply,
  SessionList,
  Throughput,
  UpstreamList,
} from './shapes.ts';

export interface FailedOptions {
  /** Only requests that failed with this code. */
  readonly code?: string;
  readonly organizationId?: string;
  /** 1 to 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Which entries of the audit log. Left out: all. */
export interface AuditFilter {
  /** What this key, person or user did; `by.id` of an entry. */
  readonly by?: string;
  readonly action?: AuditAction;
  /** What was done to this; `target` of an entry. */
  readonly target?: string;
  readonly organizationId?: string;
  /** At this Unix second or later. */
  readonly from?: number;
  /** Before this Unix second. */
  readonly before?: number;
}

export interface AuditOptions extends AuditFilter {
  /** 1 to 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Which requests to queue again: the given ones, all that failed with a code, or all that failed. */
export type RequeueSelection =
  | { readonly requestIds: readonly string[] }
  | { readonly code: string; readonly organizationId?: string }
  | { readonly all: true; readonly organizationId?: string };

/** What can be paused: an upstream by its name, or a model by its public id, on all upstreams. */
export interface Pausable {
  readonly kind: 'upstream' | 'model';
  readonly name: string;
}

/** Names a budget. */
export type BudgetKey = Pick<BudgetRecord, 'scope' | 'id' | 'period'>;

const wire = '/api/v1/admin';

/** The operator's calls. They take an admin key. Every method throws a `DarkroomError` when the server refuses the call. */
export class DarkroomAdmin {
  readonly #send: Send;
  readonly #call: Call;

  constructor(options: DarkroomOptions) {
    this.#send = createSend(options, wire);
    this.#call = toCall(this.#send);
  }

  /** Failed requests of all organizations, newest first. */
  failed({ code, organizationId, limit, cursor }: FailedOptions = {}, options: CallOptions = {}): Promise<FailedList> {
    const query = toQuery({ code, organization_id: organizationId, limit, cursor });
    return this.#call('GET', `/failed${query}`, options);
  }

  /** Queues failed or cancelled requests again. Pictures that their calls already brought are kept. */
  requeue(selection: RequeueSelection, options: CallOptions = {}): Promise<RequeueReply> {
    return this.#call('POST', '/requeue', { ...options, body: toRequeueBody(selection) });
  }

  /** The state of each upstream for each model. */
  upstreams(options: CallOptions = {}): Promise<UpstreamList> {
    return this.#call('GET', '/upstreams', options);
  }

  /** The batch jobs that have not ended, and the last ones that have, newest first. */
  batchJobs(options: CallOptions = {}): Promise<BatchJobList> {
    return this.#call('GET', '/batch-jobs', options);
  }

  /** Makes no further calls until `resume`. Calls under way are completed. */
  pause(what: Pausable, options: CallOptions = {}): Promise<UpstreamList> {
    return this.#call('POST', `${toPath(what)}/pause`, options);
  }

  /** Ends a pause, and a rest of the upstream: the next call may start at once. */
  resume(what: Pausable, options: CallOptions = {}): Promise<UpstreamList> {
    return this.#call('POST', `${toPath(what)}/resume`, options);
  }

  budgets(options: CallOptions = {}): Promise<BudgetList> {
    return this.#call('GET', '/budgets', options);
  }

  /** Sets a budget or changes its limit. */
  setBudget({ scope, id, period }: BudgetKey, limitUsd: number, options: CallOptions = {}): Promise<BudgetRecord> {
    return this.#call('PUT', '/budgets', { ...options, body: { scope, id, period, limit_usd: limitUsd } });
  }

  /** Removes a budget. */
  removeBudget({ scope, id, period }: BudgetKey, options: CallOptions = {}): Promise<void> {
    return this.#call('DELETE', `/budgets/${scope}/${encodeURIComponent(id)}/${period}`, options);
  }

  /** All keys, oldest first, including revoked ones. */
  keys(options: CallOptions = {}): Promise<KeyList> {
    return this.#call('GET', '/keys', options);
  }

  /** Creates a key. Only this response contains its text, `api_key`. */
  createKey(key: KeyBody, options: CallOptions = {}): Promise<NewKeyRecord> {
    return this.#call('POST', '/keys', { ...options, body: key });
  }

  /** Revokes a key: it is refused from now on. A client cannot revoke its own key. */
  revokeKey(id: string, options: CallOptions = {}): Promise<void> {
    return this.#call('DELETE', `/keys/${encodeURIComponent(id)}`, options);
  }

  /**
   * Deletes everything that an organization has sent and made. A call takes at most half a minute: repeat it while `is_complete` is
   * `false`. Keys, budgets and what was spent stay.
   */
  deleteContent(organizationId: string, options: CallOptions = {}): Promise<DeletedContent> {
    const path = `/organizations/${encodeURIComponent(organizationId)}/content`;
    return this.#call('DELETE', path, { ...options, isRepeatable: true });
  }

  /** Changes what is given of a key; the rest stays. */
  changeKey(id: string, change: KeyChange, options: CallOptions = {}): Promise<KeyRecord> {
    return this.#call('PATCH', `/keys/${encodeURIComponent(id)}`, { ...options, body: change });
  }

  /**
   * Gives a key another text, which only this response contains. The old text is valid beside it for `graceSeconds`, by default
   * for a day.
   */
  rotateKey(
    id: string,
    { graceSeconds, ...options }: CallOptions & { readonly graceSeconds?: number } = {},
  ): Promise<NewKeyRecord> {
    const body = graceSeconds === undefined ? {} : { grace_seconds: graceSeconds };
    return this.#call('POST', `/keys/${encodeURIComponent(id)}/rotate`, { ...options, body });
  }

  /** The sessions of people in the console, the last sign-ins first, including ended ones that are still kept. */
  sessions(
    { limit, cursor }: { readonly limit?: number; readonly cursor?: string } = {},
    options: CallOptions = {},
  ): Promise<SessionList> {
    return this.#call('GET', `/sessions${toQuery({ limit, cursor })}`, options);
  }

  /** Ends a session. The person can sign in again; `revokeKey` with the `api_key_id` of the person keeps them out. */
  endSession(id: string, options: CallOptions = {}): Promise<void> {
    return this.#call('DELETE', `/sessions/${encodeURIComponent(id)}`, options);
  }

  /** All organizations, in the order of their ids. */
  organizations(options: CallOptions = {}): Promise<OrganizationList> {
    return this.#call('GET', '/organizations', options);
  }

  createOrganization(organization: OrganizationBody, options: CallOptions = {}): Promise<OrganizationRecord> {
    return this.#call('POST', '/organizations', { ...options, body: organization });
  }

  /** Changes the name or some limits; the rest stays. */
  changeOrganization(id: string, change: OrganizationChange, options: CallOptions = {}): Promise<OrganizationRecord> {
    return this.#call('PATCH', toOrganizationPath(id), { ...options, body: change });
  }

  /** Refuses its keys and begins none of its requests until `resumeOrganization`. Requests that are being made are completed. */
  suspendOrganization(id: string, options: CallOptions = {}): Promise<OrganizationRecord> {
    return this.#call('POST', `${toOrganizationPath(id)}/suspend`, options);
  }

  resumeOrganization(id: string, options: CallOptions = {}): Promise<OrganizationRecord> {
    return this.#call('POST', `${toOrganizationPath(id)}/resume`, options);
  }

  /** Removes an organization that has no requests and no pictures. Keys that belong to no other are revoked. */
  removeOrganization(id: string, options: CallOptions = {}): Promise<void> {
    return this.#call('DELETE', toOrganizationPath(id), options);
  }

  /** Who changed what, newest first. */
  audit({ limit, cursor, ...filter }: AuditOptions = {}, options: CallOptions = {}): Promise<AuditList> {
    return this.#call('GET', `/audit${toQuery({ ...toAuditQuery(filter), limit, cursor })}`, options);
  }

  /** All entries that match, newest first, one after the other, however many there are. */
  async *exportAudit(filter: AuditFilter = {}, options: CallOptions = {}): AsyncGenerator<AuditEntryRecord> {
    const { body } = await this.#send('GET', `/audit.jsonl${toQuery(toAuditQuery(filter))}`, options);
    if (!body) return;
    for await (const line of readLines(body)) yield JSON.parse(line);
  }

  /** How many requests of all organizations ended in each of the last 60 minutes. */
  throughput(options: CallOptions = {}): Promise<Throughput> {
    return this.#call('GET', '/throughput', options);
  }
}

function toRequeueBody(selection: RequeueSelection): object {
  if ('requestIds' in selection) return { request_ids: selection.requestIds };
  const { organizationId, ...which } = selection;
  return { ...which, ...(organizationId !== undefined && { organization_id: organizationId }) };
}

function toAuditQuery({ organizationId, ...filter }: AuditFilter) {
  return { ...filter, organization_id: organizationId };
}

function toOrganizationPath(id: string): string {
  return `/organizations/${encodeURIComponent(id)}`;
}

function toPath({ kind, name }: Pausable): string {
  return `/${kind}s/${encodeURIComponent(name)}`;
}
