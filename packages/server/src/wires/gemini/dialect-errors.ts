import { Problem } from '../../core/problem.ts';
import type { ErrorReply } from '../../http/error-reply.ts';
import { toGoogleErrorReply } from '../google-errors.ts';

/** The keys of the payload, as this dialect calls them. */
const names: Readonly<Record<string, string>> = {
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

/** Refusals in Google's format, in which the keys have the names that the client wrote. */
export function toErrorReply(problem: Problem): ErrorReply {
  const { code, message, details } = problem;
  if (!message.includes('payload.')) return toGoogleErrorReply(problem);
  const told = details?.map((detail) => ({ ...detail, path: toDialect(detail.path) }));
  return toGoogleErrorReply(new Problem(code, toDialect(message), told && { details: told }));
}

function toDialect(text: string): string {
  return text.replace(/\bpayload\.(\w+)/g, (_, key: string) => names[key] ?? key);
}
