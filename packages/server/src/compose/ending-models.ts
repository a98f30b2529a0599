import type { Config } from '../config/load-config.ts';
import { serves } from '../core/upstreams.ts';
import type { Retirement } from '../models/model-spec.ts';
import type { ModelRegistry } from '../models/registry.ts';
import { toUpstream } from './upstreams.ts';

/** A model whose upstream has ended it, or will within the next weeks. */
export interface EndingModel {
  /** The provider's id. */
  readonly upstreamId: string;
  readonly retirement: Retirement;
  readonly isOver: boolean;
}

/** Of the models that accounts serve: the sandbox ends none. */
export function findEnding(
  { upstreams }: Pick<Config, 'upstreams'>,
  { models, now }: { readonly models: ModelRegistry; readonly now: number },
): readonly EndingModel[] {
  const accounts = upstreams.filter(({ kind }) => kind === 'account').map((upstream) => toUpstream(upstream, models));
  const ending = models.all().flatMap(({ id, upstreamId, retirement }) => {
    if (!retirement || !accounts.some((account) => serves(account, id))) return [];
    const endsAt = Date.parse(retirement.on);
    return now < endsAt - noticeMs ? [] : [[upstreamId, { upstreamId, retirement, isOver: now >= endsAt }] as const];
  });
  return [...new Map(ending).values()];
}

const noticeMs = 60 * 24 * 60 * 60_000;
