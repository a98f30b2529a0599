import type { ModelSetting } from '../config/models-setting.ts';
import type { Prices } from '../models/prices.ts';
import { systemClock } from '../platform/clock.ts';

interface PricedModel {
  /** The prices of the built-in model that the setting changes. */
  readonly before: Prices | undefined;
  readonly sizes: readonly string[];
}

/** The prices of a configured model, or the end of a sentence that says what is wrong with them. */
export function toPrices(setting: ModelSetting, { before, sizes }: PricedModel): Prices | string {
  const given = setting.price_per_image === undefined ? toTokenPrices(setting, before) : toFlatPrices(setting, sizes);
  const isSame = given === before && setting.price_per_search === undefined && !setting.tiers;
  const prices = isSame ? given : given && { ...given, ...toOtherPrices(setting, before) };
  if (!prices)
    return ' needs a price: price_per_image, or price_per_million_tokens with image_tokens. The price may be 0';
  const isPriced = sizes.every((size) => prices.imageTokens[size] !== undefined);
  if (isPriced) return prices;
  return `.${prices.isFlat ? 'price_per_image' : 'image_tokens'} must have every size of the model`;
}

/** What the setting leaves out stays as it was: a tier keeps its multiple of a price that is changed. */
function toOtherPrices({ price_per_search: search, tiers }: ModelSetting, before: Prices | undefined): Partial<Prices> {
  const multiples = { ...before?.tiers, ...tiers };
  return {
    ...(before?.search && { search: before.search }),
    ...(search !== undefined && { search: { parameter: 'google_search', micros: Math.round(search * 1e6) } }),
    ...(Object.keys(multiples).length > 0 && { tiers: multiples }),
  };
}

/** Amounts are micro-dollars: with one for each token, the tokens of a picture are its price. */
function toFlatPrices({ price_per_image: price = 0 }: ModelSetting, sizes: readonly string[]): Prices {
  const dollars = typeof price === 'number' ? Object.fromEntries(sizes.map((size) => [size, price])) : price;
  const imageTokens = Object.fromEntries(
    Object.entries(dollars).map(([size, amount]) => [size, Math.round(amount * 1e6)]),
  );
  return { promptToken: 0, textToken: 0, imageToken: 1, imageTokens, referenceTokens: 0, isFlat: true, ...source() };
}

/** What the setting leaves out costs what it did before, or nothing. */
function toTokenPrices(setting: ModelSetting, known: Prices | undefined): Prices | undefined {
  const { price_per_million_tokens: perToken, image_tokens: imageTokens, reference_tokens: referenceTokens } = setting;
  if (!perToken && !imageTokens && referenceTokens === undefined) return known;
  const before = known?.isFlat ? undefined : known;
  if (!before && !(perToken && imageTokens)) return undefined;
  const { imageTokensByQuality, ...same } = before ?? {};
  return {
    ...same,
    // A price of the setting is that of every quality.
    ...(imageTokensByQuality && !imageTokens && { imageTokensByQuality }),
    promptToken: perToken?.prompt ?? before?.promptToken ?? 0,
    textToken: perToken?.text ?? before?.textToken ?? 0,
    imageToken: perToken?.image ?? before?.imageToken ?? 0,
    imageTokens: { ...before?.imageTokens, ...imageTokens },
    referenceTokens: referenceTokens ?? before?.referenceTokens ?? 0,
    ...source(),
  };
}

/** What an operator has configured is current. */
function source(): Pick<Prices, 'asOf' | 'source'> {
  return { asOf: new Date(systemClock.now()).toISOString().slice(0, 7), source: "The operator's configuration." };
}
