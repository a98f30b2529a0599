import type { TurnRules } from '../../src/providers/image-model.ts';

/** Of an upstream that reads what most read. */
export const turnRules: TurnRules = {
  maxBytes: 95_000_000,
  maxPictures: 14,
  pictureTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'],
  standInSignature: 'stand-in',
};
