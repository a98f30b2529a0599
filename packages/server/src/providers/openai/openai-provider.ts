import type { TurnRules } from '../image-model.ts';
import type { Provider } from '../provider.ts';
import { maxPictures } from './conversation-input.ts';
import { engineTemplate, openaiModels } from './models.ts';
import { OpenaiImageModel } from './openai-image-model.ts';
import { retiredModels } from './retired-models.ts';

/** A conversation is resent as its pictures and its newest prompt: `conversation-input.ts` says which. */
const turnRules: TurnRules = {
  maxBytes: 150_000_000,
  maxPictures,
  pictureTypes: ['image/png', 'image/jpeg', 'image/webp'],
};

/** OpenAI, or any engine that answers its images calls. */
export const openaiProvider: Provider = {
  name: 'openai',
  models: openaiModels,
  modelTemplate: engineTemplate,
  retiredModels,
  // Its quotas of the day are reset at no certain hour.
  quotaTimeZone: 'UTC',
  turnRules,
  sandboxPath: '/v1',
  connect: (account, { clock, proxies }) =>
    new OpenaiImageModel({
      get baseUrl() {
        return account.baseUrl ?? 'https://api.openai.com/v1';
      },
      apiKey: account.apiKey,
      clock,
      proxies,
    }),
};
