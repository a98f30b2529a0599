import { maxReferences } from '@darkroom/protocol';
import type { ModelEntry, ModelTemplate, Timeouts } from '../../models/create-model-spec.ts';
import type { ModelLimits } from '../../models/model-spec.ts';
import type { Prices } from '../../models/prices.ts';
import { optionalParameters } from './optional-parameters.ts';
import { allRatios, toShapes, usualRatios } from './picture-sizes.ts';

/** Source: Google's price page, mid-2026: $14 for 1,000 searches, however many of them a call makes. */
const search = { parameter: 'google_search', micros: 14_000 } as const;

/**
 * Source: Google's pages on inference tiers, mid-2026: flex and batch cost half, priority 75 to 100 percent more, of which the more is taken. An
 * answer says which tier was used, so a call that was moved from priority to standard costs what standard costs.
 */
const tiers = { batch: 0.5, flex: 0.5, priority: 2 };

const proPrices: Prices = {
  promptToken: 2,
  textToken: 12,
  imageToken: 120,
  imageTokens: { '1K': 1120, '2K': 1120, '4K': 2000 },
  referenceTokens: 560,
  search,
  tiers,
  asOf: '2026-06',
  source: "Google's price page of the paid tier, June 2026.",
};

const nanoBananaPrices: Prices = {
  promptToken: 0.5,
  textToken: 3,
  imageToken: 30,
  imageTokens: { '1K': 1120, '2K': 1680, '4K': 3767 },
  referenceTokens: 560,
  search,
  tiers,
  asOf: '2026-10',
  source:
    "Google's price page, October 2026: $0.0336, $0.0504 and $0.113 a picture. Its text prices are taken as a quarter of the Pro model's, as its image tokens are.",
};

const flashPrices: Prices = {
  promptToken: 1,
  textToken: 6,
  imageToken: 60,
  imageTokens: { '512': 747, '1K': 1120, '2K': 1680, '4K': 2520 },
  referenceTokens: 560,
  search,
  tiers,
  asOf: '2026-06',
  source:
    "Google's price page, mid-2026: $0.045 at 512, $0.067, $0.101 and $0.151 a picture. Its text prices are taken as half of the Pro model's, as its image tokens are.",
};

const litePrices: Prices = {
  promptToken: 0.5,
  textToken: 3,
  imageToken: 30,
  imageTokens: { '1K': 1120 },
  referenceTokens: 560,
  asOf: '2026-06',
  source:
    "Google's changelog, June 2026: about $0.034 a picture. Its text prices are taken as those of Nano Banana 2.1, as its image tokens are.",
};

/**
 * Six minutes; ten at 4K or with many references, as field reports advise. A flex call may take 15 minutes to its first byte. Google
 * wants to have done a batch job within 24 hours.
 */
const timeouts: Timeouts = {
  usualMs: 360_000,
  longMs: 600_000,
  longSizes: ['4K'],
  fewPictures: 6,
  flexMs: 900_000,
  batchMs: 86_400_000,
};

const shared = {
  provider: 'google',
  tags: ['text-to-image', 'image-to-image', 'multi-turn'],
  timeouts,
} satisfies Partial<ModelEntry>;

/** Source of what they take: Google's reference, and what callers of the live service report. The Pro model has no thinking levels. */
const limits = {
  imageSizes: ['1K', '2K', '4K'],
  aspectRatios: usualRatios,
  maxReferences,
  maxPromptCharacters: 32_000,
  maxImages: 10,
  optionalParameters: optionalParameters.filter((name) => name !== 'thinking_level'),
};

/** The limits of a model with thinking levels, and the pixels that follow from them. */
function toServed(served: Partial<ModelLimits>): Pick<ModelEntry, 'limits' | 'shapes'> {
  const own = { ...limits, optionalParameters, ...served };
  return { limits: own, shapes: toShapes(own.imageSizes, own.aspectRatios) };
}

const pro = {
  ...shared,
  limits,
  shapes: toShapes(limits.imageSizes, limits.aspectRatios),
  upstreamId: 'gemini-3-pro-image',
  briefDescription:
    'Detailed pictures from descriptive prompts, with up to 14 reference pictures and multi-turn editing.',
  detailedDescription: [
    'Creates high-quality pictures from descriptive prompts and blends in up to 14 reference pictures.',
    '',
    '- Sizes **1K**, **2K** and **4K**, in ten aspect ratios.',
    '- Keeps editing a picture over several turns: copy `outcome.next_turn_contents` into `payload.contents`.',
    '- Usually takes 15 to 60 seconds, two to four minutes when the upstream is busy.',
  ].join('\n'),
  prices: proPrices,
  pricingDetails: 'For input, $0.0011 per image. For output, $0.134 per 1K/2K image and $0.24 per 4K image',
};

const flash = {
  ...shared,
  ...toServed({
    imageSizes: ['1K', '2K', '4K', '512'],
    aspectRatios: allRatios,
    thinkingLevels: ['minimal', 'high'],
  }),
  upstreamId: 'gemini-3.1-flash-image',
  briefDescription: 'Quick pictures, with up to 14 reference pictures and multi-turn editing.',
  detailedDescription: [
    'The quick model before Nano Banana 2.1, at about half the price of the Pro model for a 1K picture.',
    '',
    '- Sizes **512**, **1K**, **2K** and **4K**, in fourteen aspect ratios, the long ones up to 8:1.',
    '- Up to 14 reference pictures, and editing over several turns.',
    '- Google has deprecated it; `gemini-nano-banana-2.1` takes its place.',
  ].join('\n'),
  prices: flashPrices,
  pricingDetails:
    'For input, $0.0006 per image. For output, $0.067 per 1K image, $0.101 per 2K image, $0.151 per 4K image and $0.045 per 512 image',
  retirement: {
    on: '2026-10-29',
    replacement: 'gemini-nano-banana-2.1',
    source: "Field reports of October 2026. Google's page of mid-2026 named no day.",
  },
};

/** In the order in which callers are shown them. */
export const googleModels: readonly ModelEntry[] = [
  // Google retired the preview id in June 2026; callers keep it, the upstream gets the id that replaced it.
  { ...pro, id: 'gemini-3-pro-image-preview', displayName: 'Gemini 3 Pro Image Preview' },
  {
    ...pro,
    id: 'gemini-3-pro-image',
    displayName: 'Gemini 3 Pro Image',
    aliases: ['nano-banana-pro-preview'],
  },
  {
    ...shared,
    ...toServed({ aspectRatios: allRatios, thinkingLevels: ['minimal', 'medium', 'high'] }),
    id: 'gemini-nano-banana-2.1',
    upstreamId: 'gemini-nano-banana-2.1',
    displayName: 'Nano Banana 2.1',
    briefDescription: 'Quick and inexpensive pictures, with up to 14 reference pictures and multi-turn editing.',
    detailedDescription: [
      'The quick sibling of the Pro model, at about a quarter of its price for a 1K picture.',
      '',
      '- Sizes **1K**, **2K** and **4K**, in fourteen aspect ratios, the long ones up to 8:1.',
      '- Up to 14 reference pictures, and editing over several turns.',
    ].join('\n'),
    prices: nanoBananaPrices,
    pricingDetails:
      'For input, $0.0003 per image. For output, $0.0336 per 1K image, $0.0504 per 2K image and $0.113 per 4K image',
  },
  // As with Pro: the preview id, a default of public clients, is retired, and means the id that replaced it.
  { ...flash, id: 'gemini-3.1-flash-image-preview', displayName: 'Gemini 3.1 Flash Image Preview' },
  { ...flash, id: 'gemini-3.1-flash-image', displayName: 'Gemini 3.1 Flash Image' },
  {
    ...shared,
    ...toServed({
      imageSizes: ['1K'],
      optionalParameters: optionalParameters.filter((name) => name !== 'google_search'),
      thinkingLevels: ['minimal', 'high'],
    }),
    id: 'gemini-3.1-flash-lite-image',
    upstreamId: 'gemini-3.1-flash-lite-image',
    displayName: 'Gemini 3.1 Flash Lite Image',
    briefDescription: 'Simple pictures of one size, quickly.',
    detailedDescription: [
      'The smallest model of the family, for drafts and simple pictures.',
      '',
      '- Size **1K** only, in ten aspect ratios.',
      '- Up to 14 reference pictures, of which it keeps less than the other models do; no search.',
    ].join('\n'),
    prices: litePrices,
    pricingDetails: 'For input, $0.0003 per image. For output, $0.0336 per 1K image',
  },
];

export const googleTemplate: ModelTemplate = pro;
