import type { ModelDetail } from '@darkroom/protocol';
import type { Choices } from './picture-choices.tsx';
import { type OfferedTier, toOfferedTiers } from './tiers.ts';

/** What a model lets choose. Until its detail is known, only what is chosen. */
export interface Offer {
  readonly sizes: readonly string[];
  readonly ratios: readonly string[];
  readonly counts: readonly number[];
  /** The standard tier first. */
  readonly tiers: readonly OfferedTier[];
  /** The models that the operator has named to be called instead. */
  readonly standIns: readonly string[];
}

export function toOffer(detail: ModelDetail | undefined, { size, ratio, count }: Choices): Offer {
  const most = find(detail, 'number_of_images')?.max_value ?? count;
  return {
    sizes: find(detail, 'image_size')?.options ?? [size],
    ratios: find(detail, 'aspect_ratio')?.options ?? [ratio],
    counts: Array.from({ length: most }, (_, index) => index + 1),
    tiers: toOfferedTiers(detail),
    standIns: detail?.stand_ins ?? [],
  };
}

/** The choices as far as the model offers them. The first of its own replaces what it does not have. */
export function fitChoices(choices: Choices, { sizes, ratios, counts, tiers }: Offer): Choices {
  const fit = <T>(chosen: T, options: readonly T[]) => (options.includes(chosen) ? chosen : (options[0] ?? chosen));
  const { size, ratio, count } = choices;
  const tier = fit(
    choices.tier,
    tiers.map((one) => one.tier),
  );
  return { ...choices, size: fit(size, sizes), ratio: fit(ratio, ratios), count: fit(count, counts), tier };
}

function find(detail: ModelDetail | undefined, name: string) {
  return detail?.parameters.find((parameter) => parameter.name === name);
}
