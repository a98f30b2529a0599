import { z } from 'zod';
import { toDollars } from '../../../core/pricing.ts';
import type { ModelSpec } from '../../../models/model-spec.ts';
import { toImagePrice } from '../../../models/prices.ts';
import { toJsonAnswer } from '../answers/json-answer.ts';
import { defineTool } from '../tool.ts';

export const listModelsTool = defineTool({
  name: 'list_models',
  title: 'List the models',
  description: 'Lists the models, with their sizes, aspect ratios, limits and prices in US dollars. Costs nothing.',
  input: z.object({}),
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: async (_given, { models }) =>
    toJsonAnswer({ models: models.list().map(toModelRecord), aliases: Object.fromEntries(models.aliases) }),
});

function toModelRecord({ id, displayName, briefDescription, limits, prices }: ModelSpec) {
  return {
    model: id,
    name: displayName,
    description: briefDescription,
    aspect_ratios: limits.aspectRatios,
    max_references: limits.maxReferences,
    max_images: limits.maxImages,
    max_prompt_characters: limits.maxPromptCharacters,
    usd_per_image: Object.fromEntries(limits.imageSizes.map((size) => [size, toDollars(toImagePrice(prices, size))])),
  };
}
