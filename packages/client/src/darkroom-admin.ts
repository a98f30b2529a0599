import type {
  BudgetList,
  BudgetRecord,
  FailedList,
  KeyBody,
  KeyList,
  NewKeyRecord,
  RequeueReply,
  Throughput,
  UpstreamList,
} from '@darkroom/protocol';
import { type Call, type CallOptions, createSend, type DarkroomOptions, toCall, toQuery } from './call.ts';

export interface FailedOptions {
  /** Only requests that ended with this code. */
  readonly code?: string;
  readonly organizationId?: string;
  /** 1 to 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Which requests are queued again: some, all that failed with a code, or all that failed. */
export type RequeueSelection =
  | { readonly requestIds: readonly string[] }
  | { readonly code: string; readonly organizationId?: string }
  | { readonly all: true; readonly organizationId?: string };

/** What can be paused: an upstream by its name, or a model, on all of them, by its public id. */
export interface Pausable {
  readonly kind: 'upstream' | 'model';
  readonly name: string;
}

/** Names a budget. */
export type BudgetKey = Pick<BudgetRecord, 'scope' | 'id' | 'period'>;

const wire = '/api/v1/admin';

/** The operator's calls; they take an admin key. Every method throws a `DarkroomError` when the server refuses the call. */
export class DarkroomAdmin {
  readonly #call: Call;

  constructor(options: DarkroomOptions) {
    this.#call = toCall(createSend(options, wire));
  }

  /** Failed requests of all organizations, newest first. */
  failed({ code, organizationId, limit, cursor }: FailedOptions = {}, options: CallOptions = {}): Promise<FailedList> {
    const query = toQuery({ code, organization_id: organizationId, limit, cursor });
    return this.#call('GET', `/failed${query}`, options);
  }

  /** Queues ended requests again; what their calls have brought is kept. */
  requeue(selection: RequeueSelection, options: CallOptions = {}): Promise<RequeueReply> {
    return this.#call('POST', '/requeue', { ...options, body: toRequeueBody(selection) });
  }

  /** What each upstream says of each model. */
  upstreams(options: CallOptions = {}): Promise<UpstreamList> {
    return this.#call('GET', '/upstreams', options);
  }

  /** No call is made from now on, until `resume`; those under way go on. */
  pause(what: Pausable, options: CallOptions = {}): Promise<UpstreamList> {
    return this.#call('POST', `${toPath(what)}/pause`, options);
  }

  /** Ends `pause`, and forgets what the upstream has asked for: the next call may go at once. */
  resume(what: Pausable, options: CallOptions = {}): Promise<UpstreamList> {
    return this.#call('POST', `${toPath(what)}/resume`, options);
  }

  budgets(options: CallOptions = {}): Promise<BudgetList> {
    return this.#call('GET', '/budgets', options);
  }

  /** Sets a budget, or changes its limit. */
  setBudget({ scope, id, period }: BudgetKey, limitUsd: number, options: CallOptions = {}): Promise<BudgetRecord> {
    return this.#call('PUT', '/budgets', { ...options, body: { scope, id, period, limit_usd: limitUsd } });
  }

  /** From now on there is no such budget. */
  removeBudget({ scope, id, period }: BudgetKey, options: CallOptions = {}): Promise<void> {
    return this.#call('DELETE', `/budgets/${scope}/${encodeURIComponent(id)}/${period}`, options);
  }

  /** Every key, oldest first, revoked ones too. */
  keys(options: CallOptions = {}): Promise<KeyList> {
    return this.#call('GET', '/keys', options);
  }

  /** Makes a key; the answer is the only place where its text, `api_key`, stands. */
  createKey(key: KeyBody, options: CallOptions = {}): Promise<NewKeyRecord> {
    return this.#call('POST', '/keys', { ...options, body: key });
  }

  /** From now on the key is refused. The one that this client calls with cannot be revoked by it. */
  revokeKey(id: string, options: CallOptions = {}): Promise<void> {
    return this.#call('DELETE', `/keys/${encodeURIComponent(id)}`, options);
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

function toPath({ kind, name }: Pausable): string {
  return `/${kind}s/${encodeURIComponent(name)}`;
}
