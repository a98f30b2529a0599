import { type AspectRatio, aspectRatios, type ImageSize, imageSizes, type Pixels, toPixels } from '@darkroom/protocol';
import { Refusal } from './refusals.ts';

/** A model that the sandbox serves, with what its upstream namesake serves. */
export interface SandboxModel {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  readonly sizes: readonly ImageSize[];
  readonly ratios: readonly SandboxRatio[];
  /** How many pictures a call may bring along. */
  readonly maxReferences: number;
  readonly maxPromptTokens: number;
  readonly maxAnswerTokens: number;
  /** What one picture of a size counts, in tokens. */
  readonly imageTokens: Readonly<Record<ImageSize, number>>;
}

/** The ratios of the Pro model and the four long ones that the Nano Banana 2 models add. */
export type SandboxRatio = AspectRatio | LongRatio;

type LongRatio = '1:4' | '4:1' | '1:8' | '8:1';

// As callers of the live service measured them; the documentation's table (512x2048, 384x3072) is not what comes.
const longPixelsAt1K: Record<LongRatio, Pixels> = {
  '1:4': { width: 512, height: 2064 },
  '4:1': { width: 2064, height: 512 },
  '1:8': { width: 352, height: 2928 },
  '8:1': { width: 2928, height: 352 },
};

const longRatios: readonly LongRatio[] = ['1:4', '4:1', '1:8', '8:1'];

const shared = {
  sizes: imageSizes,
  maxReferences: 14,
  maxPromptTokens: 65_536,
  maxAnswerTokens: 32_768,
  imageTokens: { '1K': 1120, '2K': 1120, '4K': 2000 },
} as const;

const models: readonly SandboxModel[] = [
  {
    ...shared,
    id: 'gemini-3-pro-image',
    displayName: 'Nano Banana Pro (sandbox)',
    description: 'A stand-in for Gemini 3 Pro Image that draws without a model.',
    version: '3.0',
    ratios: aspectRatios,
  },
  {
    ...shared,
    id: 'gemini-nano-banana-2.1',
    displayName: 'Nano Banana 2.1 (sandbox)',
    description: 'A stand-in for Nano Banana 2.1 that draws without a model.',
    version: '2.1',
    ratios: [...aspectRatios, ...longRatios],
    imageTokens: { '1K': 1120, '2K': 1680, '4K': 3767 },
  },
  {
    ...shared,
    id: 'gemini-3.1-flash-image',
    displayName: 'Nano Banana 2 (sandbox)',
    description: 'A stand-in for Gemini 3.1 Flash Image that draws without a model.',
    version: '3.1',
    ratios: [...aspectRatios, ...longRatios],
    imageTokens: { '1K': 1120, '2K': 1680, '4K': 2520 },
  },
];

// Source: Google's deprecation page; the previews ended on 2026-06-25, Imagen on 2026-08-17.
const retiredModels: ReadonlySet<string> = new Set([
  'gemini-3-pro-image-preview',
  'gemini-3.1-flash-image-preview',
  'imagen-4.0-generate-001',
  'imagen-4.0-ultra-generate-001',
  'imagen-4.0-fast-generate-001',
]);

/** The image models live in this version of the API alone. */
const servedVersion = 'v1beta';

/** The model, or a `Refusal` in the words for retired or unknown ones. */
export function findModel(version: string, id: string): SandboxModel {
  const model = models.find((candidate) => candidate.id === id);
  if (model && version === servedVersion) return model;
  if (retiredModels.has(id) && version === servedVersion) throw Refusal.retiredModel(id);
  throw Refusal.unknownModel(id, version);
}

/** The body of ListModels. */
export function listModels(version: string): object {
  if (version !== servedVersion) throw Refusal.unknownMethod();
  return { models: models.map(describeModel) };
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
export function toSandboxPixels(size: ImageSize, ratio: SandboxRatio): Pixels {
  if (!isLong(ratio)) return toPixels(size, ratio);
  const { width, height } = longPixelsAt1K[ratio];
  const factor = toPixels(size, '1:1').width / toPixels('1K', '1:1').width;
  return { width: width * factor, height: height * factor };
}

function isLong(ratio: SandboxRatio): ratio is LongRatio {
  return ratio in longPixelsAt1K;
}
