import type { By } from '../core/audit.ts';
import type { Room } from '../core/upstream-pool.ts';
import type { Upstream, UpstreamKey, UpstreamLoad, UpstreamState } from '../core/upstreams.ts';

/**
 * The state of the upstreams, the same for every process on the store. Claims and ends of calls keep it up to date; this
 * interface is for reading it and for the operator. A write that is given a `By` is noted in the audit log, in its transaction.
 */
export interface UpstreamStore {
  /** The state of each upstream for each model that it serves, at this moment: one report for each pair, by the upstream's ids. */
  report(query: PoolQuery): Promise<readonly UpstreamReport[]>;
  /** No call is granted for the key from now on, until it is released. Calls under way go on. Durable. */
  hold(key: UpstreamKey, now: number, by?: By): Promise<void>;
  /** Ends a `hold`, and forgets what calls have shown about the key: the next call may be sent at once. Durable. */
  release(key: UpstreamKey, by?: By): Promise<void>;
  /**
   * Notes that these upstreams, which cost real money, serve the store; this is never forgotten. The first of them holds the
   * sandbox in the same transaction: from then on a process that uses the sandbox, for lack of a key, gets no calls. Durable.
   */
  remember(upstreams: readonly string[], now: number): Promise<void>;
  /** Has an upstream other than the sandbox ever served the store? */
  isReal(): Promise<boolean>;
}

export interface PoolQuery {
  readonly upstreams: readonly Upstream[];
  /** The upstream's id of every model, by its public id. */
  readonly models: ReadonlyMap<string, string>;
  readonly now: number;
}

export interface UpstreamReport extends UpstreamKey {
  readonly room: Room;
  /** Of the pair itself. */
  readonly state: UpstreamState;
  readonly load: UpstreamLoad;
}
