import { describe, expect, it } from 'vitest';
import { createModelSpec, type ModelEntry } from './create-model-spec.ts';

/** Not one of our models: unusual sizes, unusual ratios, prices of a picture that differ only by size. */
const entry: ModelEntry = {
  id: 'odd-1',
  provider: 'odd',
  upstreamId: 'odd-1-2026',
  displayName: 'Odd',
  briefDescription: 'Odd.',
  detailedDescription: 'Odd.',
  tags: [],
  pricingDetails: 'Ask.',
  prices: {
    promptToken: 5,
    textToken: 10,
    imageToken: 40,
    imageTokens: { '512': 100, poster: 4_000 },
    referenceTokens: 200,
    asOf: '2026-11',
    source: 'Nowhere.',
  },
  limits: {
    imageSizes: ['512', 'poster'],
    aspectRatios: ['wide', '1:1'],
    maxReferences: 2,
    maxPromptCharacters: 10,
    maxImages: 2,
  },
  shapes: { '512': { wide: { width: 512, height: 200 } } },
  timeouts: { usualMs: 60_000, longMs: 90_000, longSizes: ['poster'], fewPictures: 1 },
};
const spec = createModelSpec(entry);

function order(payload: object) {
  const parsed = spec.parse(payload, 'contract');
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
  return spec.toOrder(parsed.payload, []);
}

function issues(payload: unknown) {
  const parsed = spec.parse(payload, 'contract');
  return parsed.kind === 'refused' ? parsed.issues.map(({ path, message }) => `${path.join('.')} ${message}`) : [];
}

describe('a model that is one entry of data', () => {
  it('accepts its own sizes and ratios, the first of each when none is named', () => {
    expect(order({ prompt: 'a fox' }).parameters).toEqual({ imageSize: '512', aspectRatio: 'wide' });
    expect(order({ prompt: 'a fox', image_size: ' POSTER ' }).parameters).toMatchObject({ imageSize: 'poster' });
  });

  it('refuses everything else by name, all at once', () => {
    expect(issues({ image_size: '1K', aspect_ratio: '16:9', number_of_images: 3 })).toEqual([
      'image_size must be one of "512", "poster", not "1K"',
      'aspect_ratio must be one of "wide", "1:1", not "16:9"',
      'number_of_images must be a whole number from 1 to 2',
      'prompt is missing: give the description of the picture, a text of 1 to 10 characters',
    ]);
    expect(issues({ prompt: 'a much too long prompt' })).toHaveLength(1);
    expect(issues('text')).toEqual([' must be an object with the parameters of the model']);
  });

  it('keeps the limits of the contract, or its own, as the submission says', () => {
    const limits = { ...entry.limits, maxPromptCharacters: 9_000, maxImages: 12 };
    const large = createModelSpec({ ...entry, limits });
    const messages = (payload: object, which: 'contract' | 'model') => {
      const parsed = large.parse(payload, which);
      return parsed.kind === 'refused' ? parsed.issues.map(({ message }) => message) : [];
    };
    const payload = { prompt: 'a'.repeat(2_001), number_of_images: 12 };
    expect(messages(payload, 'model')).toEqual([]);
    expect(messages(payload, 'contract')).toEqual([
      'has 2,001 characters: give the description of the picture, a text of 1 to 2,000 characters',
      'must be a whole number from 1 to 4',
    ]);
    expect(messages({ prompt: 'a'.repeat(9_001), number_of_images: 13 }, 'model')).toEqual([
      'has 9,001 characters: give the description of the picture, a text of 1 to 9,000 characters',
      'must be a whole number from 1 to 12',
    ]);
    expect(large.limits).toEqual(limits);
  });

  it('accepts only as many references as the model does', () => {
    const image = [1, 2, 3].map((number) => `https://a.example/${number}.png`);
    expect(issues({ prompt: 'a fox', image })).toEqual(['image has 3 pictures: at most 2 are taken']);
    expect(issues({ prompt: 'a fox', image: image.slice(1) })).toEqual([]);
  });

  it('refuses names that no store accepts', () => {
    expect(issues({ prompt: 'a', previous_request_id: 'a\0b' })).toEqual([
      'previous_request_id holds the character U+0000, which no name may hold',
    ]);
  });

  it('prices an order by its size, its pictures and what the model is shown', () => {
    const image = 'https://a.example/1.png';
    expect(spec.price(order({ prompt: 'abcd' }))).toBe(100 * 40 + 5);
    expect(spec.price(order({ prompt: 'abcd', image, image_size: 'poster', number_of_images: 2 }))).toBe(
      2 * (4_000 * 40 + (1 + 200) * 5),
    );
    const usage = { promptTokens: 3, textTokens: 1, thoughtTokens: 2, imageTokens: 100, totalTokens: 106 };
    expect(spec.cost(usage)).toBe(3 * 5 + 3 * 10 + 100 * 40);
  });

  it('knows the pixels where the model promises them', () => {
    expect(spec.pixels(order({ prompt: 'a' }))).toEqual({ width: 512, height: 200 });
    expect(spec.pixels(order({ prompt: 'a', aspect_ratio: '1:1' }))).toBeUndefined();
    expect(spec.pixels(order({ prompt: 'a', image_size: 'poster' }))).toBeUndefined();
  });

  it('gives large pictures and many references more time', () => {
    const image = ['https://a.example/1.png', 'https://a.example/2.png'];
    expect(spec.timeoutMs(order({ prompt: 'a' }))).toBe(60_000);
    expect(spec.timeoutMs(order({ prompt: 'a', image_size: 'poster' }))).toBe(90_000);
    expect(spec.timeoutMs(order({ prompt: 'a', image }))).toBe(90_000);
  });
});
