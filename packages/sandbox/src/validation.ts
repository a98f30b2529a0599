import type { Motif } from '@darkroom/illustrator';
import type { Content, GenerateContentRequest, InlineData, Part } from './generate-content-request.ts';
import { wantsSearch } from './grounding.ts';
import { measure } from './illustrator.ts';
import { checkSignatures, inspectModelParts, type ModelPart } from './model-parts.ts';
import { type SandboxModel, type SandboxRatio, type SandboxSize, toNearestRatio } from './models.ts';
import { toMotif, toText } from './motif.ts';
import { Refusal } from './refusals.ts';
import { isReadableMimeType, sniff } from './sniff.ts';

/** What a valid call asks of the model. */
export interface Order {
  /** The whole text of the last turn, which may hold directives. */
  readonly lastText: string;
  readonly motif: Motif;
  readonly modelParts: readonly ModelPart[];
  readonly size: SandboxSize;
  readonly ratio: SandboxRatio;
  readonly wantsText: boolean;
  readonly wantsImage: boolean;
  readonly wantsThoughts: boolean;
  readonly wantsSearch: boolean;
  /** Text tokens of the whole conversation. */
  readonly textTokens: number;
  /** Pictures in the whole conversation. */
  readonly pictures: number;
  readonly serviceTier: string;
  /** Of the picture, when the call names one. */
  readonly mimeType: 'image/png' | 'image/jpeg' | undefined;
}

/** `strict`: the model's turns must carry their original thought signatures. `lenient`: signatures are not checked. */
export type SignaturePolicy = 'strict' | 'lenient';

/** Returns what the call asks for. Throws a `Refusal` in the upstream's words for the first thing that it would refuse. */
export async function validate(
  request: GenerateContentRequest,
  { model, signatures }: { readonly model: SandboxModel; readonly signatures: SignaturePolicy },
): Promise<Order> {
  const contents = request.contents ?? [];
  checkContents(contents);
  const config = request.generationConfig;
  if ((config?.candidateCount ?? 1) > 1)
    throw Refusal.invalidArgument('Multiple candidates is not enabled for this model');
  const modalities = toModalities(config?.responseModalities, model);
  const size = toSize(config?.imageConfig?.imageSize ?? '1K', model);
  const asked = config?.imageConfig?.aspectRatio;
  const named = asked === undefined ? undefined : toRatio(asked, model);
  const pictures = await checkPictures(contents, model);
  const ratio = named ?? (await chooseRatio(contents, model));
  const modelParts = await inspectModelParts(contents);
  if (signatures === 'strict') checkSignatures(modelParts);
  return {
    lastText: toText(contents.at(-1)),
    motif: toMotif(contents, modelParts),
    modelParts,
    size,
    ratio,
    wantsText: modalities.has('TEXT'),
    wantsImage: modalities.has('IMAGE'),
    wantsThoughts: config?.thinkingConfig?.includeThoughts ?? false,
    wantsSearch: wantsSearch(request.tools, model),
    textTokens: countTextTokens([...contents, request.systemInstruction ?? {}], model),
    pictures,
    serviceTier: request.serviceTier ?? 'standard',
    mimeType: toOutputType(config?.imageConfig?.imageOutputOptions?.mimeType),
  };
}

function checkContents(contents: readonly Content[]): void {
  const problems = contents.flatMap(describeProblems);
  if (contents.length === 0) problems.push('* GenerateContentRequest.contents: contents is not specified');
  if (problems.length > 0) throw Refusal.invalidArgument(`${problems.slice(0, maxProblems).join('\n')}\n`);
  if (contents.some(({ role }) => role !== undefined && role !== 'user' && role !== 'model'))
    throw Refusal.invalidArgument('Please use a valid role: user, model.');
  if (contents.at(-1)?.role === 'model')
    throw Refusal.invalidArgument(
      contents.length === 1
        ? 'Please ensure that single turn requests end with a user role or the role field is empty.'
        : 'Please ensure that multiturn requests end with a user role or a function response.',
    );
}

const maxProblems = 20;

function describeProblems(content: Content, index: number): string[] {
  const place = `* GenerateContentRequest.contents[${index}].parts`;
  if (!content.parts?.length) return [`${place}: contents.parts must not be empty.`];
  return content.parts.flatMap((part, at) =>
    hasData(part) ? [] : [`${place}[${at}].data: required oneof field 'data' must have one initialized field`],
  );
}

function hasData(part: Part): boolean {
  return (
    part.text !== undefined ||
    part.inlineData !== undefined ||
    part.fileData !== undefined ||
    part.functionCall !== undefined ||
    part.functionResponse !== undefined ||
    part.executableCode !== undefined ||
    part.codeExecutionResult !== undefined
  );
}

/** What the answer may contain. By default the model sends only text. */
function toModalities(asked: readonly string[] | undefined, model: SandboxModel): ReadonlySet<string> {
  const modalities = new Set(asked?.length ? asked : ['TEXT']);
  if ([...modalities].every((modality) => modality === 'TEXT' || modality === 'IMAGE')) return modalities;
  throw Refusal.invalidArgument(
    `The requested combination of response modalities (${[...modalities].join(', ')}) is not supported by the model. models/${model.id} accepts the following combinations of response modalities:\n* TEXT\n* IMAGE\n* IMAGE, TEXT\n`,
  );
}

function toSize(asked: string, model: SandboxModel): SandboxSize {
  const size = model.sizes.find((served) => served === asked);
  if (!size) throw Refusal.invalidArgument(`Image size ${asked.slice(0, 100)} is not supported for this model`);
  return size;
}

function toOutputType(asked: string | undefined): Order['mimeType'] {
  if (asked === undefined || asked === 'image/png' || asked === 'image/jpeg') return asked;
  throw Refusal.invalidArgument(`Unsupported image output mime type: ${asked.slice(0, 100)}`);
}

function toRatio(asked: string, model: SandboxModel): SandboxRatio {
  const ratio = model.ratios.find((served) => served === asked);
  if (!ratio) throw Refusal.invalidArgument(`Aspect ratio ${asked.slice(0, 100)} is not supported for this model`);
  return ratio;
}

/** Without a ratio, the picture gets the one of the last picture of the call, as far as the model has it. */
async function chooseRatio(contents: readonly Content[], model: SandboxModel): Promise<SandboxRatio> {
  const parts = contents.flatMap((content) => content.parts ?? []);
  const last = parts.findLast(({ inlineData }) => inlineData?.data)?.inlineData?.data;
  const pixels = last && (await measure(last.file));
  return pixels ? toNearestRatio(pixels, model) : '1:1';
}

async function checkPictures(contents: readonly Content[], model: SandboxModel): Promise<number> {
  const parts = contents.flatMap((content) => content.parts ?? []);
  const [file] = parts.flatMap(({ fileData }) => fileData ?? []);
  if (file) throw Refusal.invalidArgument(`Invalid or unsupported file uri: ${file.fileUri?.slice(0, 200) ?? ''}`);
  const pictures = parts.flatMap(({ inlineData }) => inlineData ?? []);
  const inLastTurn = contents.at(-1)?.parts?.filter(({ inlineData }) => inlineData).length ?? 0;
  if (inLastTurn > model.maxReferences)
    throw Refusal.invalidArgument(
      `Please use fewer than ${model.maxReferences + 1} images in your request to models/${model.id}`,
    );
  for (const picture of pictures) await checkPicture(picture);
  return pictures.length;
}

async function checkPicture({ mimeType = '', data }: InlineData): Promise<void> {
  if (!isReadableMimeType(mimeType)) throw Refusal.invalidArgument('Request contains an invalid argument.');
  const sniffed = data && (await sniff(data.file));
  if (!sniffed) throw Refusal.invalidArgument('Provided image is not valid.');
  if (sniffed !== mimeType) throw Refusal.invalidArgument(`Unhandled generated data mime type: ${sniffed}`);
}

function countTextTokens(contents: readonly Content[], model: SandboxModel): number {
  const characters = contents.reduce((sum, content) => sum + toText(content).length, 0);
  const tokens = Math.ceil(characters / charactersPerToken);
  if (tokens > model.maxPromptTokens)
    throw Refusal.invalidArgument(
      `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${model.maxPromptTokens}).`,
    );
  return tokens;
}

/** A rule of thumb for English; the real count needs the model's tokenizer. */
const charactersPerToken = 4;
