import type { SuccessOutcome } from '../../core/image-request.ts';
import type { ModelSpec } from '../../models/model-spec.ts';

/**
 * What the upstream counted, in the words of this wire. It says nothing about the kinds of input tokens: the pictures of the input
 * are counted here as the model's price page does.
 */
export function toUsage({ usage, conversation, pictures }: SuccessOutcome, model: ModelSpec | undefined) {
  if (!usage) return undefined;
  const { promptTokens, imageTokens, textTokens, thoughtTokens, totalTokens } = usage;
  const given = conversation.slice(0, -1).flatMap(({ parts }) => parts.filter(({ kind }) => kind === 'picture'));
  // Each picture was made by a call of its own, which was given all of the conversation.
  const counted = given.length * pictures.length * (model?.prices.referenceTokens ?? 0);
  const inputImages = Math.min(counted, promptTokens);
  return {
    input_tokens: promptTokens,
    input_tokens_details: { image_tokens: inputImages, text_tokens: promptTokens - inputImages },
    output_tokens: imageTokens + textTokens + thoughtTokens,
    output_tokens_details: { image_tokens: imageTokens, text_tokens: textTokens + thoughtTokens },
    total_tokens: totalTokens,
  };
}
