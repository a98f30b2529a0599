import type { ModelEntry } from '../../../../src/models/create-model-spec.ts';
import type { Provider } from '../../../../src/providers/provider.ts';
import { ScratchImageModel } from './scratch-image-model.ts';

const sketch: ModelEntry = {
  id: 'sketch-1',
  provider: 'scratch',
  upstreamId: 'sketcher',
  displayName: 'Sketch 1',
  briefDescription: 'Plain areas of one colour.',
  detailedDescription: 'Paints an area in the colour that the prompt names.',
  tags: ['text-to-image'],
  pricingDetails: 'For output, $0.001 per postcard and $0.004 per poster',
  prices: {
    promptToken: 0,
    textToken: 0,
    imageToken: 10,
    imageTokens: { postcard: 100, poster: 400 },
    referenceTokens: 0,
    asOf: '2026-11',
    source: 'Made up for a test.',
  },
  limits: {
    imageSizes: ['postcard', 'poster'],
    aspectRatios: ['square', 'strip'],
    maxReferences: 2,
    maxPromptCharacters: 40,
    maxImages: 2,
    optionalParameters: [],
  },
  shapes: {
    postcard: { square: { width: 60, height: 60 }, strip: { width: 120, height: 30 } },
    poster: { square: { width: 240, height: 240 }, strip: { width: 480, height: 120 } },
  },
  timeouts: { usualMs: 10_000, longMs: 20_000, longSizes: ['poster'], fewPictures: 2 },
};

/** A vendor that the server has never heard of: sizes by name, a price per ink, another quota day, no references. */
export const scratchProvider: Provider = {
  name: 'scratch',
  models: [sketch],
  modelTemplate: sketch,
  quotaTimeZone: 'Asia/Tokyo',
  turnRules: { maxBytes: 1_000_000, maxPictures: 2, pictureTypes: ['image/png', 'image/jpeg'] },
  connect: (account) => new ScratchImageModel(account),
};
