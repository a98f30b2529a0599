import { z } from 'zod';
import type { Usage } from '../../core/usage.ts';
import { SpooledString } from '../../spool/spooled-string.ts';
import type { AnswerFacts, AnswerPart } from '../image-model.ts';
import type { Refusal } from './refusals.ts';

/** A 200 of `generateContent`, as far as it matters. */
export interface GoogleAnswer {
  /** In the model's order, thoughts left out. */
  readonly parts: readonly AnswerPart[];
  readonly facts: AnswerFacts;
  /** What it says in case that it holds no picture. */
  readonly refusal: Refusal;
}

const text = z.string().optional().catch(undefined);
/** A word of the protocol: nothing longer is kept on a row. */
const word = z.string().max(200).optional().catch(undefined);
const count = z.number().nonnegative().catch(0);
const spooled = z.instanceof(SpooledString).optional().catch(undefined);
const blob = z.object({ mimeType: text, mime_type: text, data: spooled }).optional().catch(undefined);

const partSchema = z
  .object({
    text,
    thought: z.boolean().optional().catch(undefined),
    inlineData: blob,
    inline_data: blob,
    thoughtSignature: spooled,
    thought_signature: spooled,
  })
  .catch({});

const candidateSchema = z
  .object({
    content: z
      .object({ parts: z.array(partSchema).catch([]) })
      .optional()
      .catch(undefined),
    finishReason: word,
    finishMessage: text,
  })
  .catch({});

const usageSchema = z.object({
  promptTokenCount: count,
  candidatesTokenCount: count,
  candidatesTokensDetails: z.array(z.object({ modality: text, tokenCount: count }).catch({ tokenCount: 0 })).catch([]),
  thoughtsTokenCount: count,
  totalTokenCount: count,
});

/** Lenient: what is missing or of another shape is left out, since a picture that was paid for must not be lost to it. */
const answerSchema = z.object({
  candidates: z.array(candidateSchema).catch([]),
  promptFeedback: z.object({ blockReason: word, blockReasonMessage: text }).optional().catch(undefined),
  usageMetadata: usageSchema.optional().catch(undefined),
  modelVersion: word,
  responseId: word,
});

type Part = z.infer<typeof partSchema>;

/** `undefined` when the value is no answer at all. */
export function parseAnswer(value: unknown): GoogleAnswer | undefined {
  const { data: answer } = answerSchema.safeParse(value);
  if (!answer) return undefined;
  const [candidate] = answer.candidates;
  const parts = (candidate?.content?.parts ?? []).flatMap(toAnswerPart);
  const { usageMetadata: usage, modelVersion, responseId } = answer;
  const finishReason = candidate?.finishReason;
  return {
    parts,
    facts: {
      ...(usage && { usage: toUsage(usage) }),
      ...(modelVersion && { modelVersion }),
      ...(responseId && { responseId }),
      ...(finishReason && { finishReason }),
    },
    refusal: {
      blockReason: toBlockReason(answer.promptFeedback?.blockReason),
      finishReason,
      explanation: candidate?.finishMessage ?? answer.promptFeedback?.blockReasonMessage,
      text: parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
    },
  };
}

/** The files of the parts: those that outlive the answer. */
export function filesOf(parts: readonly AnswerPart[]): readonly string[] {
  return parts.flatMap((part) => [
    ...(part.kind === 'picture' ? [part.file.path] : []),
    ...(part.signature ? [part.signature.path] : []),
  ]);
}

/** A part that is a picture or words, and neither a thought nor empty. */
function toAnswerPart(part: Part): readonly AnswerPart[] {
  const signature = (part.thoughtSignature ?? part.thought_signature)?.file;
  const picture = part.inlineData ?? part.inline_data;
  if (part.thought) return [];
  if (picture?.data && picture.data.file.bytes > 0) {
    const declaredMimeType = picture.mimeType ?? picture.mime_type ?? 'application/octet-stream';
    return [{ kind: 'picture', file: picture.data.file, declaredMimeType, ...(signature && { signature }) }];
  }
  if (part.text || (part.text === '' && signature)) {
    return [{ kind: 'text', text: part.text, ...(signature && { signature }) }];
  }
  return [];
}

function toUsage(usage: z.infer<typeof usageSchema>): Usage {
  const imageTokens = usage.candidatesTokensDetails
    .filter(({ modality }) => modality === 'IMAGE')
    .reduce((total, { tokenCount }) => total + tokenCount, 0);
  return {
    promptTokens: usage.promptTokenCount,
    imageTokens,
    textTokens: Math.max(0, usage.candidatesTokenCount - imageTokens),
    thoughtTokens: usage.thoughtsTokenCount,
    totalTokens: usage.totalTokenCount,
  };
}

/** The unspecified reason is the protocol's zero: it blocks nothing. */
function toBlockReason(reason: string | undefined): string | undefined {
  return reason === 'BLOCK_REASON_UNSPECIFIED' || reason === '' ? undefined : reason;
}
