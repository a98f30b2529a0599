import type { ModelSetting } from '../config/models-setting.ts';
import type { ModelEntry } from '../models/create-model-spec.ts';
import type { ModelLimits } from '../models/model-spec.ts';
import { toPricingDetails } from '../models/pricing-details.ts';
import type { Provider } from '../providers/provider.ts';
import { toPrices } from './configured-prices.ts';

interface Configured {
  /** In the order in which callers are shown them: those of the providers, then the added ones. */
  readonly entries: readonly ModelEntry[];
  /** Sentences that name places in the setting and no values. */
  readonly problems: readonly string[];
}

/** The models of the providers with what the operator has added and changed in `DARKROOM_MODELS`. */
export function configureModels(providers: readonly Provider[], settings: readonly ModelSetting[]): Configured {
  const entries = new Map(providers.flatMap(({ models }) => models.map((entry) => [entry.id, entry] as const)));
  const problems = settings.flatMap((setting, index) => {
    const made = configureModel(setting, { providers, known: entries.get(setting.id) });
    if ('problem' in made) return [`DARKROOM_MODELS[${index}]${made.problem}`];
    entries.set(setting.id, made);
    return [];
  });
  return { entries: [...entries.values()], problems };
}

interface Surroundings {
  readonly providers: readonly Provider[];
  /** The built-in model of the setting's id. */
  readonly known: ModelEntry | undefined;
}

function configureModel(
  setting: ModelSetting,
  { providers, known }: Surroundings,
): ModelEntry | { readonly problem: string } {
  const provider = providers.find(({ name }) => name === (setting.provider ?? known?.provider));
  if (!provider) return { problem: `.provider must be one of ${providers.map(({ name }) => name).join(', ')}` };
  if (known && provider.name !== known.provider)
    return { problem: `.provider must be ${known.provider}, or left out: the model is built in` };
  const tiers = findForeignTiers(setting, provider);
  if (tiers !== undefined) return { problem: tiers };
  const base = known ?? toNewEntry(setting, provider);
  const limits = { ...base.limits, ...toLimits(setting, base.limits) };
  const prices = toPrices(setting, { before: known?.prices, sizes: limits.imageSizes });
  if (typeof prices === 'string') return { problem: prices };
  const shapes = pick(setting.pixels ?? base.shapes, limits.imageSizes, (ratios) => pick(ratios, limits.aspectRatios));
  const pricingDetails = prices === known?.prices ? known.pricingDetails : toPricingDetails(prices, limits.imageSizes);
  return { ...base, ...toFacts(setting, base), limits, shapes, prices, pricingDetails };
}

/** No call of the provider could ask for such a tier, and its price would not be what is paid. */
function findForeignTiers({ tiers = {} }: ModelSetting, { name, serviceTiers = [] }: Provider): string | undefined {
  if (Object.keys(tiers).every((tier) => serviceTiers.some((one) => one === tier))) return undefined;
  if (serviceTiers.length === 0) return `.tiers must be left out: ${name} has no service tiers`;
  return `.tiers must be by tiers of ${name}: ${serviceTiers.join(', ')}`;
}

/** Everything that a model needs beside its template is in its setting, or follows from it. */
function toNewEntry({ id, display_name: displayName = id }: ModelSetting, { name, modelTemplate }: Provider): Base {
  return {
    ...modelTemplate,
    id,
    provider: name,
    upstreamId: id,
    displayName,
    briefDescription: `${displayName}, added by the operator of this Darkroom.`,
    detailedDescription: '',
  };
}

type Base = Omit<ModelEntry, 'prices' | 'pricingDetails'>;

/** What the setting says, apart from limits, pixels and prices. */
function toFacts(setting: ModelSetting, base: Base): Partial<ModelEntry> {
  const { upstream_id: upstreamId, display_name: displayName, description, hidden, timeout_seconds: seconds } = setting;
  const { aliases = [], retires_on: on, fallback, takes_mask: takesMask } = setting;
  return {
    ...(upstreamId !== undefined && { upstreamId }),
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { briefDescription: description, detailedDescription: description }),
    ...(hidden !== undefined && { isHidden: hidden }),
    ...(seconds !== undefined && { timeouts: { ...base.timeouts, usualMs: seconds * 1_000, longMs: seconds * 1_000 } }),
    ...(on !== undefined && { retirement: { on } }),
    ...(fallback && { fallback }),
    ...(takesMask !== undefined && { takesMask }),
    aliases: [...(base.aliases ?? []), ...aliases],
  };
}

/** Sizes and ratios are those that the setting lists, or those of its pixels, or those of the model that it changes. */
function toLimits(setting: ModelSetting, before: ModelLimits): Partial<ModelLimits> {
  const { pixels, max_references: maxReferences, max_prompt_characters: maxPromptCharacters } = setting;
  const { max_images: maxImages, parameters, thinking_levels: thinkingLevels, qualities } = setting;
  const ratiosOfPixels = pixels && [...new Set(Object.values(pixels).flatMap((ratios) => Object.keys(ratios)))];
  const taken = parameters ?? before.optionalParameters;
  return {
    imageSizes: setting.sizes ?? (pixels ? Object.keys(pixels) : before.imageSizes),
    aspectRatios: setting.aspect_ratios ?? ratiosOfPixels ?? before.aspectRatios,
    ...(maxReferences !== undefined && { maxReferences }),
    ...(maxPromptCharacters !== undefined && { maxPromptCharacters }),
    ...(maxImages !== undefined && { maxImages }),
    ...(thinkingLevels && { thinkingLevels }),
    ...(qualities && { qualities }),
    // Their words are listed so that they can be said.
    optionalParameters: [
      ...new Set([
        ...taken,
        ...(thinkingLevels ? (['thinking_level'] as const) : []),
        ...(qualities ? (['quality'] as const) : []),
      ]),
    ],
  };
}

/** The values of these keys, in their order. */
function pick<T>(
  table: Readonly<Record<string, T>>,
  keys: readonly string[],
  change: (value: T) => T = (value) => value,
): Readonly<Record<string, T>> {
  return Object.fromEntries(keys.flatMap((key) => (table[key] === undefined ? [] : [[key, change(table[key])]])));
}
