import { maxReferences } from '@darkroom/protocol';
import type { TurnRules } from '../image-model.ts';
import type { Provider } from '../provider.ts';
import { GoogleImageModel } from './google-image-model.ts';
import { googleModels, googleTemplate } from './models.ts';
import { quotaTimeZone } from './quota-time-zone.ts';
import { retiredModels } from './retired-models.ts';
import { createStudioService } from './studio-service.ts';

/** The body may have 100 MB; what is not a picture or a signature needs some of that. */
export const turnRules: TurnRules = {
  maxBytes: 95_000_000,
  maxPictures: maxReferences,
  pictureTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'],
  // Documented for history that Gemini did not make: https://ai.google.dev/gemini-api/docs/thought-signatures
  standInSignature: 'skip_thought_signature_validator',
  // The model has no masks, but it knows boxes: https://ai.google.dev/gemini-api/docs/image-understanding
  describeBox: ({ top, left, bottom, right }) =>
    `Change only what is inside box_2d [${top}, ${left}, ${bottom}, ${right}] of the first picture; leave everything else as and where it is.`,
};

/** Google AI Studio, or any service that speaks its protocol, such as the sandbox. */
export const googleProvider: Provider = {
  name: 'google',
  genAiName: 'gcp.gemini',
  models: googleModels,
  modelTemplate: googleTemplate,
  retiredModels,
  serviceTiers: ['batch', 'flex', 'priority'],
  quotaTimeZone,
  turnRules,
  connect: (account, tools) => new GoogleImageModel({ service: createStudioService(account), ...tools }),
};
