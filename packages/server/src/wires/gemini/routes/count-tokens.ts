import { z } from 'zod';
import { parseInput } from '../../../core/parse-input.ts';
import type { ModelSpec } from '../../../models/model-spec.ts';
import { contentsSchema } from '../request/contents.ts';
import { toCamelCase } from '../request/spelling.ts';

const bodySchema = z.looseObject({
  contents: contentsSchema.optional(),
  generateContentRequest: z.looseObject({ contents: contentsSchema }).optional(),
});

/** The answer to `countTokens`: our own estimate, by which the request would also be priced. The upstream is not asked. */
export function countTokens(given: unknown, { prices }: ModelSpec): object {
  const { contents, generateContentRequest } = parseInput(bodySchema, toCamelCase(given), '', { keys: [] });
  const parts = (contents ?? generateContentRequest?.contents ?? []).flatMap((content) => content.parts);
  const pictures = parts.filter(({ inlineData, fileData }) => inlineData ?? fileData).length;
  // About four characters of English make a token.
  const text = parts.reduce((sum, part) => sum + Math.ceil((part.text ?? '').length / 4), 0);
  const image = pictures * prices.referenceTokens;
  const details = [
    { modality: 'TEXT', tokenCount: text },
    { modality: 'IMAGE', tokenCount: image },
  ];
  return { totalTokens: text + image, promptTokensDetails: details.filter(({ tokenCount }) => tokenCount > 0) };
}
