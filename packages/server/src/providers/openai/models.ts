import type { OptionalParameter } from '@darkroom/protocol';
import type { ModelEntry, ModelTemplate, Timeouts } from '../../models/create-model-spec.ts';
import type { Prices } from '../../models/prices.ts';
import { freeShapes, type Shapes, standardShapes, toRatios } from './picture-sizes.ts';
import { type TokenTable, toFreeTokens, toStandardTokens } from './picture-tokens.ts';

/** Source of all limits: the types of the package openai, 7.57 (resources/images). */
const maxReferences = 16;
const optionalParameters: readonly OptionalParameter[] = ['quality', 'background'];

/** The first is the default: OpenAI's own, `auto`, has no price before the picture is made. */
const qualities = ['medium', 'low', 'high', 'auto'];
const fineQualities = [...qualities, 'xhigh', 'max'];

/** OpenAI says up to two minutes; busy hours and large pictures take longer. */
const timeouts: Timeouts = { usualMs: 360_000, longMs: 600_000, longSizes: ['4K'], fewPictures: 6 };

function toLimits(shapes: Shapes, ofModel: readonly string[]): ModelEntry['limits'] {
  return {
    imageSizes: Object.keys(shapes),
    aspectRatios: toRatios(shapes),
    maxReferences,
    maxPromptCharacters: 32_000,
    maxImages: 10,
    optionalParameters,
    qualities: ofModel,
  };
}

function toPrices(table: TokenTable, prices: Omit<Prices, 'imageTokens' | 'imageTokensByQuality'>): Prices {
  const medium = Object.entries(table['medium'] ?? {});
  const imageTokens = Object.fromEntries(medium.map(([size, ratios]) => [size, ratios['1:1'] ?? 0]));
  return { ...prices, imageTokens, imageTokensByQuality: table };
}

/** Dollars a million tokens: text in 5, pictures in 8, pictures out 30; text out is not charged. */
const freePrices = { promptToken: 5, promptImageToken: 8, textToken: 0, imageToken: 30, referenceTokens: 1024 };

const twoTokens = toFreeTokens(freeShapes, false);
const fineTokens = toFreeTokens(freeShapes, true);

const shared = {
  provider: 'openai',
  tags: ['text-to-image', 'image-to-image'],
  timeouts,
  takesMask: true,
} satisfies Partial<ModelEntry>;

const what = [
  '- Up to 16 reference pictures, masks, and a `background` that can be `transparent`.',
  '- The model keeps no conversation: an edit over several turns sends it the last picture, the references and the newest prompt.',
  '- With `aspect_ratio` `auto` the model also chooses the size.',
];

const free = {
  ...shared,
  shapes: freeShapes,
  limits: toLimits(freeShapes, qualities),
  prices: toPrices(twoTokens, {
    ...freePrices,
    asOf: '2026-11',
    source:
      "OpenAI's model pages, November 2026. The tokens of a picture are those of OpenAI's calculator: $0.006, $0.053 and $0.211 for a square of 1K in low, medium and high quality.",
  }),
  pricingDetails:
    'For input, $0.0082 per image. For output, $0.053 per 1K image, $0.107 per 2K image and $0.178 per 4K image',
};

const fine = {
  ...free,
  limits: toLimits(freeShapes, fineQualities),
  prices: toPrices(fineTokens, {
    ...freePrices,
    asOf: '2026-11',
    source:
      "OpenAI's model pages, November 2026. The tokens of a picture are taken as those of GPT Image 2; for the qualities xhigh and max they are a guess.",
  }),
};

const describe = (first: string) =>
  [first, '', '- Sizes **1K**, **2K** and **4K**, in fifteen aspect ratios.', ...what].join('\n');

const describeStandard = (first: string) =>
  [first, '', '- One size, in three aspect ratios: square, 3:2 and 2:3.', ...what].join('\n');

/** In the order in which callers are shown them. */
export const openaiModels: readonly ModelEntry[] = [
  {
    ...fine,
    id: 'gpt-image-2.6-sunburst',
    upstreamId: 'gpt-image-2.6-sunburst',
    displayName: 'GPT Image 2.6 Sunburst',
    briefDescription: 'The most careful of the GPT Image models.',
    detailedDescription: describe("OpenAI's most careful model, for detail and control."),
  },
  {
    ...fine,
    id: 'gpt-image-2.6-flare',
    upstreamId: 'gpt-image-2.6-flare',
    displayName: 'GPT Image 2.6 Flare',
    briefDescription: 'The quick one of the GPT Image models.',
    detailedDescription: describe("OpenAI's quick model, for most work."),
  },
  {
    ...fine,
    id: 'gpt-image-2.5-sunburst',
    upstreamId: 'gpt-image-2.5-sunburst',
    displayName: 'GPT Image 2.5 Sunburst',
    briefDescription: 'Careful pictures, from September 2026.',
    detailedDescription: describe('The careful model of September 2026.'),
  },
  {
    ...fine,
    id: 'gpt-image-2.5-flare',
    upstreamId: 'gpt-image-2.5-flare',
    displayName: 'GPT Image 2.5 Flare',
    briefDescription: 'Quick pictures, from September 2026.',
    detailedDescription: describe('The quick model of September 2026.'),
  },
  {
    ...free,
    id: 'gpt-image-2',
    upstreamId: 'gpt-image-2',
    displayName: 'GPT Image 2',
    briefDescription: 'The model of April 2026, for pictures of any shape up to 4K.',
    detailedDescription: describe('The first GPT Image model that takes any size.'),
  },
  {
    ...shared,
    id: 'gpt-image-1.5',
    upstreamId: 'gpt-image-1.5',
    displayName: 'GPT Image 1.5',
    retirement: { on: '2026-12-01', replacement: 'gpt-image-2.5-flare', source: "A reseller's list of prices, 2026." },
    briefDescription: 'An older model of three standard sizes; OpenAI ends it on 1 December 2026.',
    detailedDescription: describeStandard('OpenAI ends this model on 1 December 2026.'),
    shapes: standardShapes,
    limits: toLimits(standardShapes, qualities),
    prices: toPrices(
      toStandardTokens(standardShapes, {
        low: [272, 400, 408],
        medium: [1056, 1568, 1584],
        high: [4160, 6208, 6240],
      }),
      {
        promptToken: 5,
        promptImageToken: 8,
        textToken: 10,
        imageToken: 32,
        referenceTokens: 194,
        asOf: '2026-11',
        source: "OpenAI's price page: $0.009, $0.034 and $0.133 for a square in low, medium and high quality.",
      },
    ),
    pricingDetails: 'For input, $0.0016 per image. For output, $0.034 per 1K image',
  },
  {
    ...shared,
    id: 'gpt-image-1-mini',
    upstreamId: 'gpt-image-1-mini',
    displayName: 'GPT Image 1 Mini',
    briefDescription: 'The least expensive GPT Image model, of three standard sizes; deprecated.',
    detailedDescription: describeStandard("OpenAI's least expensive model, which it has deprecated."),
    shapes: standardShapes,
    limits: toLimits(standardShapes, qualities),
    prices: toPrices(
      toStandardTokens(standardShapes, {
        low: [625, 750, 750],
        medium: [1375, 1875, 1875],
        high: [4500, 6500, 6500],
      }),
      {
        promptToken: 2,
        promptImageToken: 2.5,
        textToken: 0,
        imageToken: 8,
        referenceTokens: 194,
        asOf: '2026-11',
        source:
          "OpenAI's price page: $0.005, $0.011 and $0.036 for a square in low, medium and high quality; the tokens follow from these.",
      },
    ),
    pricingDetails: 'For input, $0.0005 per image. For output, $0.011 per 1K image',
  },
];

/**
 * A model of an engine: one square, and neither references nor masks unless its entry says more. What the entry does not list is not
 * sent.
 */
export const engineTemplate: ModelTemplate = {
  tags: ['text-to-image'],
  shapes: { '1K': { '1:1': { width: 1024, height: 1024 } } },
  limits: {
    imageSizes: ['1K'],
    aspectRatios: ['1:1'],
    maxReferences: 0,
    maxPromptCharacters: 32_000,
    maxImages: 10,
    optionalParameters: ['seed', 'negative_prompt'],
  },
  // A machine of one's own may be slow, and nothing is paid while it works.
  timeouts: { usualMs: 1_200_000, longMs: 1_200_000, longSizes: [], fewPictures: 16 },
};
