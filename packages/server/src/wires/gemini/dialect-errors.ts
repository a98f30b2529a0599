import { Problem } from '../../core/problem.ts';
import type { ErrorReply } from '../../http/error-reply.ts';
import { toGoogleErrorReply } from '../google-errors.ts';
import { type DialectNames, inDialect } from '../payload-names.ts';
import { toErrorBody } from './answer/failed-answer.ts';

const generateNames = {
  aspect_ratio: 'generationConfig.imageConfig.aspectRatio',
  image_size: 'generationConfig.imageConfig.imageSize',
  image_output_format: 'generationConfig.imageConfig.outputMimeType',
  image_output_compression: 'generationConfig.imageConfig.outputCompressionQuality',
  number_of_images: 'generationConfig.candidateCount',
  system_instruction: 'systemInstruction',
  temperature: 'generationConfig.temperature',
  top_p: 'generationConfig.topP',
  seed: 'generationConfig.seed',
  safety_settings: 'safetySettings',
  thinking_level: 'generationConfig.thinkingConfig.thinkingLevel',
  google_search: 'tools.googleSearch',
};

const predictNames = {
  prompt: 'instances[0].prompt',
  image: 'instances[0].image',
  aspect_ratio: 'parameters.aspectRatio',
  image_size: 'parameters.imageSize',
  image_output_format: 'parameters.outputOptions.mimeType',
  image_output_compression: 'parameters.outputOptions.compressionQuality',
  number_of_images: 'parameters.sampleCount',
  seed: 'parameters.seed',
};

/** Refusals in Google's format, in which the keys have the names that the client wrote. */
export function toErrorReply(problem: Problem): ErrorReply {
  return toGoogleErrorReply(inDialect(problem, toNames(generateNames)));
}

/** What is told of a problem once the answer has begun, with the status 200. */
export function toLateErrorReply(problem: Problem): ErrorReply {
  const { body, ...reply } = toErrorReply(problem);
  return { ...reply, body: toErrorBody((body as { error: { message: string } }).error) }; // as `toGoogleErrorReply` writes it
}

/** The refusal of a call of `predict`, whatever it is that rejected it. */
export function toPredictError(error: unknown): unknown {
  return error instanceof Problem ? inDialect(error, toNames(predictNames)) : error;
}

/** No call has a webhook. */
function toNames(payload: DialectNames['payload']): DialectNames {
  return { payload, webhook: 'webhook' };
}
