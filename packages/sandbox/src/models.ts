import type { Pixels } from '@darkroom/protocol';
import { Refusal } from './refusals.ts';

/** A model that the sandbox serves, with what its upstream namesake serves. */
export interface SandboxModel {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  readonly sizes: readonly SandboxSize[];
  readonly ratios: readonly SandboxRatio[];
  /** How many pictures a call may bring along. */
  readonly maxReferences: number;
  /** Can it look facts up? */
  readonly searches: boolean;
  readonly maxPromptTokens: number;
  readonly maxAnswerTokens: number;
  /** What one picture of a size counts, in tokens. */
  readonly imageTokens: Readonly<Partial<Record<SandboxSize, number>>>;
}

export type SandboxSize = '512' | '1K' | '2K' | '4K';

const factors: Readonly<Record<SandboxSize, number>> = { '512': 0.5, '1K': 1, '2K': 2, '4K': 4 };

/** The pixels at 1K. Source: the documentation's table of the Pro model. */
const proPixels = {
  '1:1': { width: 1024, height: 1024 },
  '2:3': { width: 848, height: 1264 },
  '3:2': { width: 1264, height: 848 },
  '3:4': { width: 896, height: 1200 },
  '4:3': { width: 1200, height: 896 },
  '4:5': { width: 928, height: 1152 },
  '5:4': { width: 1152, height: 928 },
  '9:16': { width: 768, height: 1376 },
  '16:9': { width: 1376, height: 768 },
  '21:9': { width: 1584, height: 672 },
};

// As callers of the live service measured them; the documentation's table (512x2048, 384x3072) is not what comes.
const longPixels = {
  '1:4': { width: 512, height: 2064 },
  '4:1': { width: 2064, height: 512 },
  '1:8': { width: 352, height: 2928 },
  '8:1': { width: 2928, height: 352 },
};

const pixelsAt1K = { ...proPixels, ...longPixels };

/** The ratios of the Pro model, and the four long ones that the Nano Banana 2 models add. */
export type SandboxRatio = keyof typeof pixelsAt1K;

// The keys of the tables above.
const proRatios = Object.keys(proPixels) as readonly SandboxRatio[];
const allRatios = Object.keys(pixelsAt1K) as readonly SandboxRatio[];

const shared = {
  sizes: ['1K', '2K', '4K'],
  maxReferences: 14,
  searches: true,
  maxPromptTokens: 65_536,
  maxAnswerTokens: 32_768,
  imageTokens: { '1K': 1120, '2K': 1120, '4K': 2000 },
} as const;

/** What the sandbox serves, in the order in which it lists them. */
const sandboxModels: readonly SandboxModel[] = [
  {
    ...shared,
    id: 'gemini-3-pro-image',
    displayName: 'Nano Banana Pro (sandbox)',
    description: 'A stand-in for Gemini 3 Pro Image that draws without a model.',
    version: '3.0',
    ratios: proRatios,
  },
  {
    ...shared,
    id: 'gemini-nano-banana-2.1',
    displayName: 'Nano Banana 2.1 (sandbox)',
    description: 'A stand-in for Nano Banana 2.1 that draws without a model.',
    version: '2.1',
    ratios: allRatios,
    imageTokens: { '1K': 1120, '2K': 1680, '4K': 3767 },
  },
  {
    ...shared,
    id: 'gemini-3.1-flash-image',
    displayName: 'Nano Banana 2 (sandbox)',
    description: 'A stand-in for Gemini 3.1 Flash Image that draws without a model.',
    version: '3.1',
    sizes: ['512', '1K', '2K', '4K'],
    ratios: allRatios,
    imageTokens: { '512': 747, '1K': 1120, '2K': 1680, '4K': 2520 },
  },
  {
    ...shared,
    id: 'gemini-3.1-flash-lite-image',
    displayName: 'Nano Banana 2 Lite (sandbox)',
    description: 'A stand-in for Gemini 3.1 Flash Lite Image that draws without a model.',
    version: '3.1',
    sizes: ['1K'],
    ratios: proRatios,
    searches: false,
    imageTokens: { '1K': 1120 },
  },
];

// Source: Google's deprecation page; the previews ended on 2026-06-25, Imagen on 2026-08-17, Nano Banana on 2026-10-02.
const retiredModels: ReadonlySet<string> = new Set([
  'gemini-3-pro-image-preview',
  'gemini-3.1-flash-image-preview',
  'gemini-2.5-flash-image',
  'gemini-2.5-flash-image-preview',
  'imagen-4.0-generate-001',
  'imagen-4.0-ultra-generate-001',
  'imagen-4.0-fast-generate-001',
]);

/** The versions of the API in which the image models live. Newer SDKs call `v1` where nothing else is set. */
const servedVersions: ReadonlySet<string> = new Set(['v1', 'v1beta']);

/** The model, or a `Refusal` in the words for retired or unknown ones. */
export function findModel(version: string, id: string): SandboxModel {
  const model = sandboxModels.find((candidate) => candidate.id === id);
  if (model && servedVersions.has(version)) return model;
  if (retiredModels.has(id) && servedVersions.has(version)) throw Refusal.retiredModel(id);
  throw Refusal.unknownModel(id, version);
}

/** The body of ListModels. */
export function listModels(version: string): object {
  if (!servedVersions.has(version)) throw Refusal.unknownMethod();
  return { models: sandboxModels.map(describeModel) };
}

/** The body of GetModel. */
export function describeModel(model: SandboxModel): object {
  return {
    name: `models/${model.id}`,
    version: model.version,
    displayName: model.displayName,
    description: model.description,
    inputTokenLimit: model.maxPromptTokens,
    outputTokenLimit: model.maxAnswerTokens,
    supportedGenerationMethods: ['generateContent'],
    temperature: 1,
    topP: 0.95,
    topK: 64,
    maxTemperature: 1,
    thinking: true,
  };
}

/** The pixels of the picture that a model makes of a size and a ratio. */
export function toSandboxPixels(size: SandboxSize, ratio: SandboxRatio): Pixels {
  const { width, height } = pixelsAt1K[ratio];
  return { width: width * factors[size], height: height * factors[size] };
}

/** The ratio of a model that is nearest to that of a picture. */
export function toNearestRatio({ width, height }: Pixels, { ratios }: Pick<SandboxModel, 'ratios'>): SandboxRatio {
  const distance = (ratio: SandboxRatio) => {
    const shape = pixelsAt1K[ratio];
    return Math.abs(Math.log((width * shape.height) / (height * shape.width)));
  };
  return ratios.reduce((nearest, ratio) => (distance(ratio) < distance(nearest) ? ratio : nearest), '1:1');
}
