import type { Room } from '../core/upstream-pool.ts';
import type { Upstream, UpstreamKey, UpstreamLoad, UpstreamState } from '../core/upstreams.ts';

/**
 * How the upstreams are, the same for every process on the store. Claims and ends of calls keep it up to date by
 * themselves; this is the way in for those who look and for the operator.
 */
export interface UpstreamStore {
  /** What each upstream says of each model that it serves at this moment; one report for each pair, by the upstream's ids. */
  report(query: PoolQuery): Promise<readonly UpstreamReport[]>;
  /** No call is granted for the key from now on, until it is released. Calls under way go on. Durable. */
  hold(key: UpstreamKey, now: number): Promise<void>;
  /** Ends what `hold` began, and forgets what calls have said about the key: the next call may go at once. Durable. */
  release(key: UpstreamKey): Promise<void>;
  /**
   * Notes that these upstreams, which cost real money, serve the store; it is never forgotten. With the first of them the
   * sandbox is held in the same transaction: a process that draws for want of a key gets no call from then on. Durable.
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
