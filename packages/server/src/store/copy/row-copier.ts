/** A value as both stores can hold it; `true` is 1 and `false` is 0. */
export type Cell = string | number | null;

/** The values of a table's columns, in the order of the columns. */
export type Row = readonly Cell[];

type ColumnKind = 'text' | 'number' | 'flag';

export interface CopiedTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** The columns that identify a row, and in whose order the rows are copied. */
  readonly key: readonly string[];
  /** Is the table cleared and copied again each time? Its rows are few, or writes to other tables have left some. */
  readonly isReplaced?: true;
  /** Does an empty store have rows of it already? */
  readonly isNeverEmpty?: true;
}

/**
 * The whole content of a store, table by table. It bypasses the promises of the other interfaces: no service may run on the
 * store at the same time.
 */
export interface RowCopier {
  /** At most `limit` rows whose key is beyond `after`, in the order of their keys. */
  read(table: CopiedTable, page: { readonly after: Row | undefined; readonly limit: number }): Promise<readonly Row[]>;
  /** Adds all of the rows or none. Rejects when one is already there. */
  write(table: CopiedTable, rows: readonly Row[]): Promise<void>;
  /** The greatest key of the table. */
  lastKey(table: CopiedTable): Promise<Row | undefined>;
  count(table: CopiedTable): Promise<number>;
  clear(table: CopiedTable): Promise<void>;
  /** Makes the numbers of new events and deliveries continue after the copied ones. Calling it again changes nothing. */
  continueNumbers(): Promise<void>;
  /** The source of the copy while it is unfinished; kept by the store. */
  readMark(): Promise<string | undefined>;
  writeMark(mark: string | undefined): Promise<void>;
  /** Is another process at work on the store, as far as the store can tell? */
  isServed(): Promise<boolean>;
  close(): Promise<void>;
}

/** The name of the secret that is the mark of an unfinished copy; it is never copied. */
export const markName = 'unfinished-copy-of';

const text = 'text';
const number = 'number';
const flag = 'flag';

/**
 * Every table but the lanes of the requests and the totals of stored bytes, which count themselves, and the minutes, which are soon over, in an order in which
 * each row finds those that it refers to. Budgets come after the requests and usage after the pictures, since the stores count along when those are written.
 */
export const copiedTables: readonly CopiedTable[] = [
  {
    name: 'organizations',
    columns: { id: text, name: text, limits: text, created_at: number, suspended_at: number },
    key: ['id'],
    isReplaced: true,
    isNeverEmpty: true,
  },
  {
    name: 'api_keys',
    columns: {
      id: text,
      name: text,
      secret_hash: text,
      is_admin: flag,
      requests_per_minute: number,
      cancel_when_gone: flag,
      model_ids: text,
      organization_ids: text,
      created_at: number,
      revoked_at: number,
      scopes: text,
      limits: text,
      expires_at: number,
      last_used_at: number,
      old_secret_hash: text,
      old_secret_until: number,
      person_issuer: text,
      person_subject: text,
      person_roles: text,
    },
    key: ['id'],
    isReplaced: true,
  },
  {
    name: 'sessions',
    columns: {
      id: text,
      secret_hash: text,
      api_key_id: text,
      created_at: number,
      last_seen_at: number,
      ends_at: number,
      expires_at: number,
      address: text,
      browser: text,
    },
    key: ['id'],
    isReplaced: true,
  },
  { name: 'secrets', columns: { name: text, value: text }, key: ['name'], isReplaced: true },
  {
    name: 'upstreams',
    columns: { upstream: text, model: text, state: text },
    key: ['upstream', 'model'],
    isReplaced: true,
  },
  {
    name: 'requests',
    columns: {
      id: text,
      organization_id: text,
      api_key_id: text,
      model: text,
      status: text,
      ready: flag,
      priority: number,
      attempt: number,
      available_at: number,
      retry_code: text,
      lease_token: text,
      lease_expires_at: number,
      worker: text,
      estimated_cost_micros: number,
      ordered_cost_micros: number,
      cost_micros: number,
      created_at: number,
      queued_at: number,
      updated_at: number,
      deadline_at: number,
      outcome: text,
      webhook: text,
      wire: text,
      allows_stand_in: flag,
      service_tier: text,
      moves_up_at: number,
      retain_ms: number,
      is_bare: flag,
      traceparent: text,
    },
    key: ['id'],
  },
  { name: 'payloads', columns: { request_id: text, payload: text, inline: text, work: text }, key: ['request_id'] },
  {
    name: 'attempts',
    columns: {
      request_id: text,
      number,
      image_index: number,
      lease_token: text,
      worker: text,
      upstream: text,
      model: text,
      stand_in: text,
      started_at: number,
      sent_at: number,
      lease_expires_at: number,
      ended_at: number,
      result: text,
      estimated_micros: number,
      cost_micros: number,
      is_possibly_billed: flag,
      failure: text,
      answer: text,
      usage: text,
      model_version: text,
      response_id: text,
      service_tier: text,
      batch_job: text,
      batch_facts: text,
    },
    key: ['request_id', 'number', 'image_index'],
  },
  {
    name: 'batch_jobs',
    columns: {
      id: text,
      upstream: text,
      model: text,
      calls: number,
      state: text,
      created_at: number,
      sent_at: number,
      upstream_name: text,
      leave_at: number,
      cancelled_at: number,
      next_at: number,
      ended_at: number,
      failure: text,
      lease_token: text,
      lease_expires_at: number,
    },
    key: ['id'],
  },
  {
    name: 'pictures',
    columns: {
      name: text,
      request_id: text,
      number,
      image_index: number,
      owner_id: text,
      owner_key_id: text,
      bytes: number,
    },
    key: ['name'],
  },
  {
    name: 'open_calls',
    columns: { request_id: text, api_key_id: text, hash: text, clients: number, left_at: number, created_at: number },
    key: ['request_id'],
  },
  {
    name: 'picture_hashes',
    columns: { organization_id: text, sha256: text, name: text },
    key: ['organization_id', 'sha256'],
  },
  { name: 'picture_uses', columns: { name: text, request_id: text }, key: ['name', 'request_id'] },
  {
    name: 'tombstones',
    columns: {
      request_id: text,
      organization_id: text,
      api_key_id: text,
      model: text,
      wire: text,
      status: text,
      cost_micros: number,
      created_at: number,
      updated_at: number,
      removed_at: number,
      ends_at: number,
    },
    key: ['request_id'],
  },
  { name: 'removed_media', columns: { name: text, due_at: number, ends_at: number }, key: ['name'] },
  {
    name: 'sent_pictures',
    columns: { name: text, bytes: number, owner_id: text, owner_key_id: text },
    key: ['name'],
  },
  {
    name: 'idempotency_keys',
    columns: { organization_id: text, key: text, body_hash: text, request_id: text, created_at: number },
    key: ['organization_id', 'key'],
  },
  {
    name: 'uploads',
    columns: {
      name: text,
      organization_id: text,
      api_key_id: text,
      via: text,
      counted_bytes: number,
      sha256: text,
      ends_at: number,
      is_used: flag,
      is_ended: flag,
    },
    key: ['name'],
  },
  {
    name: 'upload_totals',
    columns: { scope: text, id: text, bytes: number },
    key: ['scope', 'id'],
    isReplaced: true,
  },
  {
    name: 'events',
    columns: { seq: number, request_id: text, organization_id: text, at: number, moment: text },
    key: ['seq'],
  },
  {
    name: 'budgets',
    columns: { scope: text, id: text, period: text, limit_micros: number },
    key: ['scope', 'id', 'period'],
    isReplaced: true,
  },
  {
    name: 'budget_windows',
    columns: { scope: text, id: text, period: text, counted_window: text, used_micros: number },
    key: ['scope', 'id', 'period', 'counted_window'],
    isReplaced: true,
  },
  {
    name: 'usage',
    columns: {
      organization_id: text,
      day: text,
      model: text,
      api_key_id: text,
      success: number,
      failed: number,
      cancelled: number,
      pictures: number,
      cost_micros: number,
    },
    key: ['organization_id', 'day', 'model', 'api_key_id'],
    isReplaced: true,
  },
  {
    name: 'audit',
    columns: {
      seq: number,
      at: number,
      actor_kind: text,
      actor_id: text,
      actor_name: text,
      address: text,
      action: text,
      target: text,
      organization_id: text,
      facts_before: text,
      facts_after: text,
    },
    key: ['seq'],
  },
  {
    name: 'webhook_endpoints',
    columns: {
      id: text,
      organization_id: text,
      url: text,
      events: text,
      created_at: number,
      secret_version: number,
      old_secret_until: number,
      failures: number,
      failing_since: number,
      paused_at: number,
      pause_reason: text,
      told_after: number,
    },
    key: ['id'],
    isReplaced: true,
  },
  {
    name: 'webhook_secrets',
    columns: { organization_id: text, version: number, old_until: number },
    key: ['organization_id'],
    isReplaced: true,
  },
  {
    name: 'webhook_news',
    columns: { seq: number, request_id: text, organization_id: text, at: number, event: text, after_endpoint: text },
    key: ['seq'],
  },
  {
    name: 'webhook_deliveries',
    columns: {
      number,
      id: text,
      organization_id: text,
      request_id: text,
      endpoint_id: text,
      url: text,
      event: text,
      seq: number,
      status: text,
      tries: number,
      created_at: number,
      next_at: number,
      due_at: number,
      last_try: text,
    },
    key: ['number'],
  },
  {
    name: 'webhook_lanes',
    columns: { organization_id: text, endpoint_id: text, served_at: number, due_at: number, is_paused: flag },
    key: ['organization_id', 'endpoint_id'],
    isReplaced: true,
  },
];
