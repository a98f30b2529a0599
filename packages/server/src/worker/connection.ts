import type { Upstream } from '../core/upstreams.ts';
import type { BatchingModel } from '../providers/batch-model.ts';
import type { TurnRules } from '../providers/image-model.ts';

/** How models are called. */
export interface Connection {
  readonly model: BatchingModel;
  readonly turnRules: TurnRules;
}

/** An upstream and how to call it. */
export interface PoolMember extends Upstream, Connection {
  /** By the name of a model's provider, where its models are called in another way than all others. */
  readonly byProvider?: ReadonlyMap<string, Connection>;
}

/** How the models of a provider are called on the upstream of this name; `undefined`: there is no such upstream. */
export type FindConnection = (upstream: string, provider: string) => Connection | undefined;

export function createFindConnection(pool: readonly PoolMember[]): FindConnection {
  const members = new Map(pool.map((member) => [member.name, member]));
  return (upstream, provider) => {
    const member = members.get(upstream);
    return member?.byProvider?.get(provider) ?? member;
  };
}
