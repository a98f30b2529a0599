import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { RequestList, RequestRecord } from '@darkroom/protocol';
import type { Fleet } from './fleet.ts';
import { callWire, requestsPath } from './wire.ts';

export interface WatcherOptions {
  readonly fleet: Fleet;
  /** The API key of each organization. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Reads every request again and again, as a polling client does, and remembers how each success first looked. */
export class Watcher {
  /** Successes that changed later, in sentences. */
  readonly problems: string[] = [];
  readonly #options: WatcherOptions;
  readonly #first = new Map<string, object>();
  #turn = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // A server that is killed meanwhile answers the next read.
      await this.look().catch(() => undefined);
      await pause(500);
    }
  }

  /** Every request of every organization, from one server; rejects when it does not answer completely. */
  look(): Promise<readonly RequestRecord[]> {
    // One after the other: the result of a slow read must not be taken for newer than that of a quick one.
    const look = this.#last.then(() => this.#look());
    this.#last = look.catch(() => undefined);
    return look;
  }

  async #look(): Promise<readonly RequestRecord[]> {
    const records: RequestRecord[] = [];
    const { urls } = this.#options.fleet;
    this.#turn += 1;
    const url = urls[this.#turn % Math.max(1, urls.length)];
    if (url === undefined) throw new Error('No server is up.');
    for (const key of this.#options.keys.values()) {
      for (let cursor: string | undefined, hasMore = true; hasMore; ) {
        const page = await readPage({ url, key, cursor });
        records.push(...page.requests);
        cursor = page.next_cursor;
        hasMore = page.has_more;
      }
    }
    for (const record of records) this.#compare(record);
    return records;
  }

  #compare(record: RequestRecord): void {
    const id = record.request_id;
    const facts = toFacts(record);
    const first = this.#first.get(id);
    if (record.status === 'success' && !first) this.#first.set(id, facts);
    if (first && !isDeepStrictEqual(first, facts)) {
      this.#first.delete(id);
      this.problems.push(`${id} was ${JSON.stringify(first)} and became ${JSON.stringify(facts)}`);
    }
  }
}

/** The parts of a success that may never change. Its cost may: a call that was lost may come back later with its own. */
function toFacts({ status, outcome, request_id, org_id, model, payload, created_at }: RequestRecord): object {
  const { cost_usd: _cost, ...rest } = outcome ?? {};
  return { request_id, org_id, model, payload, created_at, status, outcome: rest };
}

async function readPage(page: {
  readonly url: string;
  readonly key: string;
  readonly cursor: string | undefined;
}): Promise<RequestList> {
  const query = new URLSearchParams({ limit: '100', ...(page.cursor !== undefined && { cursor: page.cursor }) });
  const { status, body } = await callWire({ ...page, method: 'GET', path: `${requestsPath}?${query}` });
  if (status !== 200) throw new Error(`The list was answered with ${status}.`);
  return body as RequestList; // the server's own schemas check what it sends
}
