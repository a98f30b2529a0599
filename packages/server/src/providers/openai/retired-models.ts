import type { Retirement } from '../../models/model-spec.ts';

const replacement = 'gpt-image-2.5-flare';
const source = 'The types of the package openai, 7.57 (ImageModel).';

/** Ids that OpenAI has ended and that clients still hold. */
export const retiredModels: Readonly<Record<string, Retirement>> = {
  'gpt-image-1': { on: '2026-10-23', replacement, source },
  'dall-e-2': { on: '2026-05-12', replacement, source },
  'dall-e-3': { on: '2026-05-12', replacement, source },
};
