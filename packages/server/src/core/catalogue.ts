import {
  type AspectRatio,
  aspectRatios,
  createPayloadSchema,
  type ImageSize,
  imageSizes,
  type ModelLimits,
  type PayloadSchema,
} from '@darkroom/protocol';

/** A model as callers see it, and what it is upstream. */
export interface CatalogueModel extends ModelLimits {
  /** The public id. */
  readonly id: string;
  /** The id that is sent to Google. */
  readonly upstreamId: string;
  readonly displayName: string;
  readonly briefDescription: string;
  /** Markdown. */
  readonly detailedDescription: string;
  readonly tags: readonly string[];
  readonly prices: Prices;
  /** A sentence that clients parse; its form is fixed by the wire. */
  readonly pricingDetails: string;
  readonly payloadSchema: PayloadSchema;
}

/** Micro-dollars for one token, which is the same number as dollars for a million tokens. */
export interface Prices {
  readonly promptToken: number;
  readonly textToken: number;
  readonly imageToken: number;
  /** Tokens of one picture made, by its size. */
  readonly imageTokens: Readonly<Record<ImageSize, number>>;
  /** Tokens of one reference picture. */
  readonly referenceTokens: number;
}

/** The model of this public id; ids are case-sensitive. */
export function findModel(id: string): CatalogueModel | undefined {
  return models.get(id);
}

export function listModels(): readonly CatalogueModel[] {
  return [...models.values()];
}

/** Source: Google's price page of the paid tier, June 2026. */
const proPrices: Prices = {
  promptToken: 2,
  textToken: 12,
  imageToken: 120,
  imageTokens: { '1K': 1120, '2K': 1120, '4K': 2000 },
  referenceTokens: 560,
};

/**
 * Source: $0.0336, $0.0504 and $0.113 a picture, Google's price page of October 2026. Its text prices are not known here;
 * they are taken as a quarter of the Pro model's, the same proportion as its image tokens.
 */
const nanoBananaPrices: Prices = {
  promptToken: 0.5,
  textToken: 3,
  imageToken: 30,
  imageTokens: { '1K': 1120, '2K': 1680, '4K': 3767 },
  referenceTokens: 560,
};

/**
 * Source: $0.067, $0.101 and $0.151 a picture, Google's price page of mid-2026. Its text prices are not known here; they
 * are taken as half of the Pro model's, the same proportion as its image tokens.
 */
const flashPrices: Prices = {
  promptToken: 1,
  textToken: 6,
  imageToken: 60,
  imageTokens: { '1K': 1120, '2K': 1680, '4K': 2520 },
  referenceTokens: 560,
};

const everySizeAndRatio = {
  imageSizes: imageSizes satisfies readonly ImageSize[],
  aspectRatios: aspectRatios satisfies readonly AspectRatio[],
  maxPromptCharacters: 2_000,
  maxImages: 4,
};

const pro = {
  ...everySizeAndRatio,
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
  tags: ['text-to-image', 'image-to-image', 'multi-turn'],
  prices: proPrices,
  pricingDetails: 'For input, $0.0011 per image. For output, $0.134 per 1K/2K image and $0.24 per 4K image',
};

const flash = {
  ...everySizeAndRatio,
  upstreamId: 'gemini-3.1-flash-image',
  briefDescription: 'Quick pictures, with up to 14 reference pictures and multi-turn editing.',
  detailedDescription: [
    'The quick model before Nano Banana 2.1, at about half the price of the Pro model for a 1K picture.',
    '',
    '- Sizes **1K**, **2K** and **4K**, in ten aspect ratios.',
    '- Up to 14 reference pictures, and editing over several turns.',
    '- Google has deprecated it; `gemini-nano-banana-2.1` takes its place.',
  ].join('\n'),
  tags: ['text-to-image', 'image-to-image', 'multi-turn'],
  prices: flashPrices,
  pricingDetails:
    'For input, $0.0006 per image. For output, $0.067 per 1K image, $0.101 per 2K image and $0.151 per 4K image',
};

const entries: readonly Omit<CatalogueModel, 'payloadSchema'>[] = [
  // Google retired the preview id in June 2026; callers keep it, the upstream gets the id that replaced it.
  { ...pro, id: 'gemini-3-pro-image-preview', displayName: 'Gemini 3 Pro Image Preview' },
  { ...pro, id: 'gemini-3-pro-image', displayName: 'Gemini 3 Pro Image' },
  {
    ...everySizeAndRatio,
    id: 'gemini-nano-banana-2.1',
    upstreamId: 'gemini-nano-banana-2.1',
    displayName: 'Nano Banana 2.1',
    briefDescription: 'Quick and inexpensive pictures, with up to 14 reference pictures and multi-turn editing.',
    detailedDescription: [
      'The quick sibling of the Pro model, at about a quarter of its price for a 1K picture.',
      '',
      '- Sizes **1K**, **2K** and **4K**, in ten aspect ratios.',
      '- Up to 14 reference pictures, and editing over several turns.',
    ].join('\n'),
    tags: ['text-to-image', 'image-to-image', 'multi-turn'],
    prices: nanoBananaPrices,
    pricingDetails:
      'For input, $0.0003 per image. For output, $0.0336 per 1K image, $0.0504 per 2K image and $0.113 per 4K image',
  },
  // As with Pro: the preview id, a default of public clients, is retired, and means the one that replaced it.
  { ...flash, id: 'gemini-3.1-flash-image-preview', displayName: 'Gemini 3.1 Flash Image Preview' },
  { ...flash, id: 'gemini-3.1-flash-image', displayName: 'Gemini 3.1 Flash Image' },
];

const models: ReadonlyMap<string, CatalogueModel> = new Map(
  entries.map((entry) => [entry.id, { ...entry, payloadSchema: createPayloadSchema(entry) }]),
);
