import { BrokenString, SpooledString } from '@darkroom/json-stream';
import { z } from 'zod';
import type { AnswerFacts } from '../image-model.ts';
import { wordSchema } from '../upstream-text.ts';
import { groundingMetadataSchema } from './grounding-metadata.ts';
import type { Refusal } from './refusals.ts';
import { usageMetadataSchema, usedTierSchema } from './usage-metadata.ts';

/** A 200 of `generateContent`, as far as the service uses it. */
export interface GoogleAnswer {
  /** The parts of the candidate that shows a picture, or else of the first one, in the model's order, thoughts included. */
  readonly parts: readonly GivenPart[];
  readonly facts: AnswerFacts;
  /** What the answer says when it holds no picture. */
  readonly refusal: Omit<Refusal, 'text'>;
}

/** A part as it came. */
export interface GivenPart {
  readonly isThought: boolean;
  /** In memory or in a file. */
  readonly text?: string | SpooledString | undefined;
  readonly picture?: { readonly data: SpooledString | BrokenString; readonly mimeType: string | undefined } | undefined;
  readonly signature?: SpooledString | undefined;
}

const spooled = z.instanceof(SpooledString).optional().catch(undefined);
/** Words for a failure; the failure bounds them itself. */
const sentence = z.string().optional().catch(undefined);
const blob = z
  .object({
    mimeType: wordSchema,
    mime_type: wordSchema,
    data: z
      .union([z.instanceof(SpooledString), z.instanceof(BrokenString)])
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined);

const partSchema = z
  .object({
    text: z
      .union([z.string(), z.instanceof(SpooledString)])
      .optional()
      .catch(undefined),
    thought: z.boolean().optional().catch(undefined),
    inlineData: blob,
    inline_data: blob,
    thoughtSignature: spooled,
    thought_signature: spooled,
  })
  .transform(toGivenPart)
  .catch({ isThought: false });

const candidateSchema = z
  .object({
    content: z
      .object({ parts: z.array(partSchema).catch([]) })
      .optional()
      .catch(undefined),
    finishReason: wordSchema,
    finishMessage: sentence,
    groundingMetadata: groundingMetadataSchema,
  })
  .catch({});

/** Lenient: values that are missing or have another shape are left out, since they must not cost a picture that was paid for. */
const answerSchema = z.object({
  candidates: z.array(candidateSchema).catch([]),
  promptFeedback: z.object({ blockReason: wordSchema, blockReasonMessage: sentence }).optional().catch(undefined),
  usageMetadata: z.unknown().optional(),
  modelVersion: wordSchema,
  responseId: wordSchema,
});

/** `undefined` when the value is no answer at all. */
export function parseAnswer(value: unknown): GoogleAnswer | undefined {
  // The streaming methods answer with an array.
  const { data: answer } = answerSchema.safeParse(Array.isArray(value) && value.length === 1 ? value[0] : value);
  if (!answer) return undefined;
  const candidate = answer.candidates.find(showsPicture) ?? answer.candidates[0];
  const { usageMetadata, modelVersion, responseId } = answer;
  const usage = usageMetadataSchema.parse(usageMetadata);
  const serviceTier = usedTierSchema.parse(usageMetadata);
  const finishReason = toReason(candidate?.finishReason);
  const grounding = candidate?.groundingMetadata;
  return {
    parts: candidate?.content?.parts ?? [],
    facts: {
      ...(usage && { usage }),
      ...(modelVersion && { modelVersion }),
      ...(responseId && { responseId }),
      ...(finishReason && { finishReason }),
      ...(serviceTier && { serviceTier }),
      ...(grounding && { grounding }),
    },
    refusal: {
      blockReason: toReason(answer.promptFeedback?.blockReason),
      finishReason,
      explanation: candidate?.finishMessage ?? answer.promptFeedback?.blockReasonMessage,
    },
  };
}

function showsPicture({ content }: z.infer<typeof candidateSchema>): boolean {
  return (content?.parts ?? []).some(({ isThought, picture }) => !isThought && picture?.data instanceof SpooledString);
}

function toGivenPart(part: {
  readonly text?: string | SpooledString | undefined;
  readonly thought?: boolean | undefined;
  readonly inlineData?: z.infer<typeof blob>;
  readonly inline_data?: z.infer<typeof blob>;
  readonly thoughtSignature?: SpooledString | undefined;
  readonly thought_signature?: SpooledString | undefined;
}): GivenPart {
  const { data, mimeType, mime_type } = part.inlineData ?? part.inline_data ?? {};
  const isEmpty = data instanceof SpooledString && data.file.bytes === 0;
  return {
    isThought: part.thought ?? false,
    text: part.text,
    picture: data && !isEmpty ? { data, mimeType: mimeType ?? mime_type } : undefined,
    signature: part.thoughtSignature ?? part.thought_signature,
  };
}

/** The unspecified reasons are the zero value of the protocol: they say nothing. */
function toReason(reason: string | undefined): string | undefined {
  return !reason || /_UNSPECIFIED$/i.test(reason) ? undefined : reason;
}
