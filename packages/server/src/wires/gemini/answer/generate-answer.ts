import type { Grounding } from '../../../core/grounding.ts';
import type { ImageRequest, KeptAnswer, KeptPart } from '../../../core/image-request.ts';
import type { StoredPicture } from '../../../core/stored-picture.ts';
import type { Usage } from '../../../core/usage.ts';
import { type JsonAnswer, PrivateObject, StoredBase64 } from '../../../http/json-answer.ts';
import { toImageType } from '../../../media/picture-name.ts';
import type { WirePorts } from '../../wire.ts';
import type { AnswerWish } from '../request/to-order.ts';
import { toFailedAnswer, toFinish } from './failed-answer.ts';

export type AnswerPorts = Pick<WirePorts, 'intake' | 'media' | 'publicUrl'>;

/**
 * The answer to `generateContent`: a candidate for each picture that was asked for, each with its parts in the model's order, and each
 * signature on the part that it came with, byte for byte.
 */
export async function toGenerateAnswer(
  request: ImageRequest,
  wish: AnswerWish,
  ports: AnswerPorts,
): Promise<JsonAnswer> {
  const { id, model, outcome } = request;
  if (outcome?.kind !== 'success') return toFailedAnswer(request);
  const answers = await ports.intake.answersOf(request);
  const made = answers.map((answer) => ({
    content: toContent(answer, wish, ports),
    finishReason: 'STOP',
    ...(answer.grounding && { groundingMetadata: toGroundingMetadata(answer.grounding) }),
  }));
  const missing = (outcome.missing ?? []).map(toFinish);
  return {
    status: 200,
    body: {
      candidates: [...made, ...missing].map((candidate, index) => ({ ...candidate, index })),
      ...(outcome.usage && { usageMetadata: toUsageMetadata(outcome.usage) }),
      modelVersion: outcome.modelVersion ?? model,
      responseId: id,
    },
  };
}

/** Without what belongs to single sentences: the texts of a picture have no footnotes. */
function toGroundingMetadata({ queries, sources, suggestions }: Grounding): object {
  return {
    webSearchQueries: queries,
    groundingChunks: sources.map(({ url: uri, title }) => ({ web: { uri, ...(title !== undefined && { title }) } })),
    ...(suggestions !== undefined && { searchEntryPoint: { renderedContent: suggestions } }),
  };
}

function toContent({ parts }: KeptAnswer, wish: AnswerWish, ports: AnswerPorts): object {
  const shown = wish.hasTexts ? parts : parts.filter(({ kind }) => kind === 'picture');
  return { role: 'model', parts: shown.map((part) => toPart(part, wish, ports)) };
}

function toPart(part: KeptPart, wish: AnswerWish, ports: AnswerPorts): object {
  const key = part.kind === 'text' ? part.signatureKey : part.picture.signatureKey;
  const content = part.kind === 'text' ? { text: part.text } : toPicturePart(part.picture, wish, ports);
  return key === undefined ? content : { ...content, thoughtSignature: new PrivateObject(key, 'signature') };
}

function toPicturePart(picture: StoredPicture, wish: AnswerWish, { media, publicUrl }: AnswerPorts): object {
  const { name, format, originalKey } = picture;
  if (wish.isByUri)
    return { fileData: { mimeType: `image/${format}`, fileUri: media.toAddress(name, publicUrl()).url } };
  if (wish.isFormatChosen || originalKey === undefined)
    return { inlineData: { mimeType: `image/${format}`, data: new StoredBase64(name) } };
  // The signature belongs to these bytes.
  return { inlineData: { mimeType: toImageType(originalKey), data: new PrivateObject(originalKey, 'original') } };
}

function toUsageMetadata({ promptTokens, imageTokens, textTokens, thoughtTokens, totalTokens }: Usage): object {
  const details = [
    { modality: 'IMAGE', tokenCount: imageTokens },
    { modality: 'TEXT', tokenCount: textTokens },
  ];
  return {
    promptTokenCount: promptTokens,
    candidatesTokenCount: imageTokens + textTokens,
    thoughtsTokenCount: thoughtTokens,
    totalTokenCount: totalTokens,
    candidatesTokensDetails: details.filter(({ tokenCount }) => tokenCount > 0),
  };
}
