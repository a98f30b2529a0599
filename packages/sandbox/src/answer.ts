import type { Take } from '@darkroom/illustrator';
import { toBase64Slabs } from './base64-slabs.ts';
import type { Directives } from './directives.ts';
import { toGroundingMetadata } from './grounding.ts';
import { LongString, type SlabJson, toJsonSlabs } from './json-slabs.ts';
import type { SandboxModel } from './models.ts';
import type { Picture } from './picture.ts';
import type { Refusal } from './refusals.ts';
import { sign } from './signatures.ts';
import type { Order } from './validation.ts';

/** The answer to a call. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, made while it is sent. Each call starts from the beginning. */
  readonly slabs: () => Iterable<string>;
  /**
   * Sends half of the body, then breaks the connection (`reset`), ends it properly (`truncate`) or sends nothing more
   * (`stall`). `hang` sends nothing at all.
   */
  readonly cut?: 'reset' | 'truncate' | 'stall' | 'hang';
}

/** An accepted call: what it asked for, its directives, and what was drawn. */
export interface Sitting {
  readonly model: SandboxModel;
  readonly order: Order;
  readonly directives: Directives;
  readonly responseId: string;
  readonly drafts: readonly Picture[];
  readonly pictures: readonly Picture[];
}

/** An answer with status 200: candidates, or the feedback that the prompt is blocked. */
export function createAnswer(sitting: Sitting): Answer {
  const body = toBody(sitting);
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'x-gemini-service-tier': toUsedTier(sitting),
    },
    slabs: () => toJsonSlabs(body),
  };
}

/** Turns a refusal into an answer. */
export function toAnswer({ body, contentType, headers, status }: Refusal): Answer {
  return { status, headers: { 'content-type': contentType, ...headers }, slabs: () => [body] };
}

const defaultSignatureCharacters = 4096;
const imageTokensOfReference = 560;

function toBody(sitting: Sitting): SlabJson {
  const { directives, model, responseId } = sitting;
  const facts = { usageMetadata: toUsage(sitting), modelVersion: model.id, responseId };
  if (directives.block !== undefined) return { promptFeedback: { blockReason: directives.block }, ...facts };
  return { candidates: [toCandidate(sitting)], ...facts };
}

function toCandidate(sitting: Sitting): SlabJson {
  const finishReason = sitting.directives.finish ?? 'STOP';
  const { wantsSearch, motif } = sitting.order;
  const grounding = wantsSearch && { groundingMetadata: toGroundingMetadata(motif.edits.at(-1) ?? motif.prompt) };
  if (finishReason === 'STOP') return { content: toContent(sitting), finishReason, ...grounding, index: 0 };
  const finishMessage = finishMessages[finishReason];
  return { finishReason, ...(finishMessage !== undefined && { finishMessage }), index: 0 };
}

const imageBlocked =
  'Unable to show the generated image. The image was filtered out because it violated the usage policy. You will not be charged for blocked images. Try rephrasing the prompt.';

const finishMessages: Readonly<Record<string, string>> = {
  IMAGE_SAFETY: imageBlocked,
  IMAGE_PROHIBITED_CONTENT: imageBlocked,
  NO_IMAGE: 'The model was expected to generate an image, but none was generated.',
};

function toContent(sitting: Sitting): SlabJson {
  const { directives, drafts, order, pictures } = sitting;
  const said = order.wantsText ? [toTextPart(toSentence(sitting), directives)] : [];
  const thought =
    drafts.length > 0 ? [{ text: 'Sketching the composition before the final picture.', thought: true }] : [];
  const parts: SlabJson[] = [
    ...thought,
    ...drafts.map((draft) => ({ inlineData: toInlineData(draft, directives), thought: true })),
    ...said,
    ...pictures.map((picture) => ({
      inlineData: toInlineData(picture, directives),
      thoughtSignature: toSignature(picture.chunks, directives, picture.take),
    })),
  ];
  return { role: 'model', ...(parts.length > 0 && { parts }) };
}

function toSentence({ directives, order, pictures }: Sitting): string {
  if (directives.noImage) return 'I cannot make this picture. Could you describe it in other words?';
  if (!order.wantsImage) return 'This is the Darkroom sandbox. It draws when responseModalities names IMAGE.';
  return pictures.length === 1 ? 'Here is the picture you asked for.' : 'Here are the pictures you asked for.';
}

function toTextPart(text: string, directives: Directives): SlabJson {
  return { text, thoughtSignature: toSignature(() => [Buffer.from(text)], directives) };
}

function toInlineData({ chunks, mimeType }: Picture, { declare }: Directives): SlabJson {
  return { mimeType: declare ?? mimeType, data: new LongString(() => toBase64Slabs(chunks())) };
}

function toSignature(chunks: () => Iterable<Uint8Array>, { signature }: Directives, take?: Take): LongString {
  return new LongString(() => sign(chunks(), signature ?? defaultSignatureCharacters, take));
}

/** Plausible token counts: a rule of thumb for texts, the upstream's own numbers for pictures. */
function toUsage(sitting: Sitting): SlabJson {
  const { directives, model, order, pictures } = sitting;
  const prompt = [
    { modality: 'TEXT', tokenCount: order.textTokens },
    ...(order.pictures > 0 ? [{ modality: 'IMAGE', tokenCount: order.pictures * imageTokensOfReference }] : []),
  ];
  const promptTokenCount = prompt.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  const base = { promptTokenCount, promptTokensDetails: prompt, serviceTier: toUsedTier(sitting) };
  if (directives.block !== undefined) return { ...base, totalTokenCount: promptTokenCount };
  const images = pictures.length * (model.imageTokens[order.size] ?? 0);
  const texts = order.wantsText && (directives.finish ?? 'STOP') === 'STOP' ? textTokensOfSentence : 0;
  const thoughtsTokenCount = 220 + ((order.textTokens * 7) % 500);
  return {
    ...base,
    candidatesTokenCount: images + texts,
    ...(images > 0 && { candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: images }] }),
    thoughtsTokenCount,
    totalTokenCount: promptTokenCount + images + texts + thoughtsTokenCount,
  };
}

const textTokensOfSentence = 14;

function toUsedTier({ directives, order }: Sitting): string {
  return directives.tier ?? order.serviceTier;
}
