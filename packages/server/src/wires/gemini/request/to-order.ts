import { createInputProblem, parseInput } from '../../../core/parse-input.ts';
import type { ProblemDetails } from '../../../core/problem.ts';
import type { ModelLimits } from '../../../models/model-spec.ts';
import { readServiceTier } from '../../service-tier.ts';
import { hasPicture, toPayloadContents } from './contents.ts';
import { type GenerateBody, type GenerationConfig, generateBodySchema } from './generate-body.ts';
import { type ImageWish, toImageWish } from './image-wish.ts';
import { bodyRules, configRules, findForeignKeys } from './known-keys.ts';
import { toCamelCase } from './spelling.ts';

/** What the client wants to see of the answer. */
export interface AnswerWish {
  /** Did the client choose the format? Otherwise it gets each picture as the model made it. */
  readonly isFormatChosen: boolean;
  readonly isByUri: boolean;
  readonly hasTexts: boolean;
}

export interface GenerateOrder {
  /** In the names of the queue's contract. */
  readonly payload: object;
  readonly wish: AnswerWish;
  readonly serviceTier: ReturnType<typeof readServiceTier>;
}

export interface OrderContext {
  readonly limits: ModelLimits;
  /** The address of the file that a `fileUri` means. */
  readonly toUri: (uri: string) => string;
}

/** Reads the body of `generateContent`. Throws a `Problem` that names every parameter that cannot be done. */
export function toGenerateOrder(given: unknown, { limits, toUri }: OrderContext): GenerateOrder {
  const body = parseInput(generateBodySchema, toCamelCase(given), '', { keys: [] });
  const { generationConfig: config = {} } = body;
  const problems: ProblemDetails[number][] = [...findUnsupported(body)];
  const image = toImageWish(config.imageConfig, config.responseFormat, problems);
  if (problems.length > 0) throw createInputProblem(problems);
  const modalities = config.responseModalities?.map((modality) => modality.toUpperCase());
  const ratio = image.aspectRatio ?? (hasPicture(body.contents) ? toRatioOfInput(limits) : undefined);
  return {
    payload: {
      contents: toPayloadContents(body.contents, toUri),
      ...(ratio !== undefined && { aspect_ratio: ratio }),
      ...toPicturePayload(image),
      ...toSamplingPayload(config),
      ...(body.systemInstruction && { system_instruction: body.systemInstruction }),
      ...toSafetyPayload(body),
      ...(findTool(body, isSearch) && { google_search: true }),
    },
    wish: {
      isFormatChosen: image.mimeType !== undefined,
      isByUri: image.isByUri,
      hasTexts: modalities?.includes('TEXT') ?? true,
    },
    serviceTier: readServiceTier(body.serviceTier),
  };
}

/** The ratio of a picture that is like the last one that the model is given; `undefined` where the model cannot do that. */
export function toRatioOfInput({ aspectRatios }: ModelLimits): string | undefined {
  return aspectRatios.find((ratio) => ratio === 'auto');
}

/** Most models answer in JPEG: without a choice, their pictures are stored as they come. */
function toPicturePayload({ imageSize, mimeType = 'image/jpeg', quality }: ImageWish): object {
  return {
    ...(imageSize !== undefined && { image_size: imageSize }),
    image_output_format: mimeType.replace(/^image\//, ''),
    ...(quality !== undefined && { image_output_compression: quality }),
  };
}

function toSamplingPayload({ candidateCount, seed, temperature, topP, thinkingConfig }: GenerationConfig): object {
  const level = thinkingConfig?.thinkingLevel?.toLowerCase();
  return {
    ...(candidateCount !== undefined && { number_of_images: candidateCount }),
    ...(seed !== undefined && { seed }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(level !== undefined && level !== 'thinking_level_unspecified' && { thinking_level: level }),
  };
}

function toSafetyPayload({ safetySettings = [] }: GenerateBody): object {
  const settings = safetySettings.filter(({ threshold }) => threshold !== 'HARM_BLOCK_THRESHOLD_UNSPECIFIED');
  if (settings.length === 0) return {};
  return { safety_settings: settings.map(({ category, threshold }) => ({ category, threshold })) };
}

function findUnsupported(body: GenerateBody): ProblemDetails {
  const { responseMimeType, ...config } = body.generationConfig ?? {};
  const isPlain = responseMimeType === undefined || responseMimeType === 'text/plain';
  const given = isPlain ? config : { ...config, responseMimeType };
  const { serviceTier, ...rest } = body;
  const isStandard = /^(standard|(service_tier_)?unspecified)$/i.test(serviceTier ?? 'standard');
  const isTier = isStandard || readServiceTier(serviceTier) !== undefined;
  const problems: ProblemDetails[number][] = [
    ...findForeignKeys(isTier ? rest : body, { path: '', mapped: bodyKeys, rules: bodyRules }),
    ...findForeignKeys(given, { path: 'generationConfig', mapped: configKeys, rules: configRules }),
    ...findForeignKeys(config.thinkingConfig ?? {}, thinkingKeys),
    ...(body.tools ?? []).flatMap(findSearchKeys),
  ];
  const refuse = (path: string, message: string) => problems.push({ path, message });
  const modalities = config.responseModalities?.map((modality) => modality.toUpperCase()) ?? ['IMAGE'];
  if (!modalities.includes('IMAGE') || !modalities.every((modality) => /^(TEXT|IMAGE)$/.test(modality)))
    refuse('generationConfig.responseModalities', 'must be ["IMAGE"] or ["TEXT", "IMAGE"]');
  if ((config.thinkingConfig?.thinkingBudget ?? -1) !== -1)
    refuse('generationConfig.thinkingConfig.thinkingBudget', 'is not supported: leave it out, or give thinkingLevel');
  const tool = findTool(body, (key) => !isSearch(key) && !ignoredTools.has(key));
  if (tool !== undefined) refuse('tools', `has ${tool}, which is not supported: leave it out`);
  return problems;
}

const bodyKeys = ['contents', 'systemInstruction', 'generationConfig', 'safetySettings', 'tools'];

const configKeys = [
  'responseModalities',
  'imageConfig',
  'responseFormat',
  'candidateCount',
  'seed',
  'temperature',
  'topP',
  'thinkingConfig',
];

const thinkingKeys = {
  path: 'generationConfig.thinkingConfig',
  mapped: ['thinkingLevel', 'thinkingBudget'],
  // Thoughts are never in the answer.
  rules: { ignored: ['includeThoughts'], refused: {} },
};

/** The upstream's search has no settings here. A search for web pages is what it is anyway. */
function findSearchKeys({ googleSearch }: Readonly<Record<string, unknown>>): ProblemDetails {
  const { searchTypes, ...others } = Object(googleSearch);
  const { webSearch: _, ...types } = Object(searchTypes);
  const rules = { ignored: [], refused: {} };
  return [
    ...findForeignKeys(others, { path: 'tools.googleSearch', mapped: [], rules }),
    ...findForeignKeys(types, { path: 'tools.googleSearch.searchTypes', mapped: [], rules }),
  ];
}

/** Tools that say nothing about the picture: an image model calls no functions. */
const ignoredTools: ReadonlySet<string> = new Set(['functionDeclarations']);

function isSearch(key: string): boolean {
  return key === 'googleSearch' || key === 'googleSearchRetrieval';
}

/** The name of the first tool of this kind. */
function findTool({ tools = [] }: GenerateBody, isMeant: (key: string) => boolean): string | undefined {
  return tools.flatMap((tool) => Object.keys(tool)).find(isMeant);
}
