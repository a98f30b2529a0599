import type { RequestList, RequestRecord } from '@darkroom/protocol';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { isUnderWay } from './record-facts.ts';

/**
 * Every view shows the same record of a request: the one under its `toRequestKey`. Lists hold copies that change with it at
 * once. A list that was read while a request ended does not bring its old state back.
 */

export function toRequestKey(id: string): readonly string[] {
  return ['request', id];
}

/** Marks queries that hold records of many requests, by the shape of their data. */
export const holds = {
  list: { holds: 'list' },
  pages: { holds: 'pages' },
  turns: { holds: 'turns' },
} as const;

type Change = (record: RequestRecord) => RequestRecord;

/** Copies every new record of a request into all lists that hold it. Call it once per client. */
export function keepListsCurrent(queries: QueryClient): void {
  queries.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'success' || event.query.queryKey[0] !== 'request') return;
    const record = event.query.state.data as RequestRecord | undefined; // the data under a request's key is a record
    if (record) copyIntoLists(queries, record);
  });
}

function copyIntoLists(queries: QueryClient, record: RequestRecord): void {
  const change = (one: RequestRecord) => (isOutdated(one, record) ? record : one);
  for (const { queryKey, state, meta } of queries.getQueryCache().getAll()) {
    const changed = changeHeld(meta?.['holds'], state.data, change);
    // The age of the list stays the same, because the rest of it is unchanged.
    if (changed !== state.data) queries.setQueryData(queryKey, changed, { updatedAt: state.dataUpdatedAt });
  }
}

function isOutdated(one: RequestRecord, record: RequestRecord): boolean {
  if (one.request_id !== record.request_id) return false;
  return one.status !== record.status || one.updated_at !== record.updated_at || one.cost_usd !== record.cost_usd;
}

/** Returns the same object if none of its records changed. */
function changeHeld(mark: unknown, held: unknown, change: Change): unknown {
  if (held === undefined) return held;
  // The casts are true because each mark names the shape of the data it was set with.
  if (mark === 'list') return changeList(held as RequestList, change);
  if (mark === 'turns') return changeEach(held as readonly RequestRecord[], change);
  if (mark !== 'pages') return held;
  const all = held as InfiniteData<RequestList>;
  const pages = changeEach(all.pages, (page) => changeList(page, change));
  return pages === all.pages ? all : { ...all, pages };
}

function changeList(list: RequestList, change: Change): RequestList {
  const requests = changeEach(list.requests, change);
  return requests === list.requests ? list : { ...list, requests: [...requests] };
}

function changeEach<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
}

/** Reads a list and reconciles it with the known records of its requests. */
export async function readList(queries: QueryClient, read: () => Promise<RequestList>): Promise<RequestList> {
  const begunAt = Date.now();
  return changeList(await read(), (record) => reconcile(queries, record, begunAt));
}

/** Reads one request and reconciles it with what was learned meanwhile. */
export async function readRecord(queries: QueryClient, read: () => Promise<RequestRecord>): Promise<RequestRecord> {
  const begunAt = Date.now();
  return reconcile(queries, await read(), begunAt);
}

/** The newer of the read record and the known one. Newer is a final status, or what was learned after the call began. */
function reconcile(queries: QueryClient, record: RequestRecord, begunAt: number): RequestRecord {
  const queryKey = toRequestKey(record.request_id);
  const known = queries.getQueryState<RequestRecord>(queryKey);
  if (!known?.data || known.data.status === record.status) return record;
  if (known.dataUpdatedAt >= begunAt && isUnderWay(record)) return known.data;
  queries.setQueryData(queryKey, record);
  return record;
}
