import { optionalParameters } from '@darkroom/protocol';
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
    optionalParameters: [],
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
      'prompt is missing: describe the picture in 1 to 10 characters',
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
      'has 2,001 characters: describe the picture in 1 to 2,000 characters',
      'must be a whole number from 1 to 4',
    ]);
    expect(messages({ prompt: 'a'.repeat(9_001), number_of_images: 13 }, 'model')).toEqual([
      'has 9,001 characters: describe the picture in 1 to 9,000 characters',
      'must be a whole number from 1 to 12',
    ]);
    expect(large.limits).toEqual(limits);
  });

  it('accepts only as many references as the model does', () => {
    const image = [1, 2, 3].map((number) => `https://a.example/${number}.png`);
    expect(issues({ prompt: 'a fox', image })).toEqual(['image has 3 pictures: at most 2 are allowed']);
    expect(issues({ prompt: 'a fox', image: image.slice(1) })).toEqual([]);
  });

  it('refuses names that no store accepts', () => {
    expect(issues({ prompt: 'a', previous_request_id: 'a\0b' })).toEqual([
      'previous_request_id contains the character U+0000, which is not allowed in a name',
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

  it('takes the parameters that its entry names, and refuses the others by name, also with other wrong keys', () => {
    const limits = {
      ...entry.limits,
      optionalParameters: ['seed', 'thinking_level'] as const,
      thinkingLevels: ['low'],
    };
    const some = createModelSpec({ ...entry, limits });
    const taken = some.parse({ prompt: 'a', seed: -1, thinking_level: 'LOW', temperature: null }, 'contract');
    expect(taken.kind === 'parsed' && some.toOrder(taken.payload, []).parameters).toEqual({
      imageSize: '512',
      aspectRatio: 'wide',
      seed: -1,
      thinking_level: 'low',
    });
    const refused = some.parse(
      { seed: 2 ** 31, thinking_level: 'high', temperature: 0, system_instruction: 'be kind', google_search: false },
      'model',
    );
    expect(
      refused.kind === 'refused' && refused.issues.map(({ path, message }) => `${path.join('.')} ${message}`),
    ).toEqual([
      'seed must be a whole number from -2147483648 to 2147483647',
      'thinking_level must be one of "low"',
      'prompt is missing: describe the picture in 1 to 10 characters',
      'system_instruction is not supported by this model: leave it out',
      'temperature is not supported by this model: leave it out',
    ]);
    expect(Object.keys(some.payloadSchema.shape)).not.toContain('temperature');
  });

  it('takes a quality for formats that have one, and refuses it with PNG', () => {
    expect(order({ prompt: 'a', image_output_format: 'webp', image_output_compression: 70 })).toMatchObject({
      format: 'webp',
      quality: 70,
    });
    expect(issues({ prompt: 'a', image_output_compression: 70 })).toEqual([
      'image_output_compression only applies to JPEG and WebP: leave it out, or give image_output_format "jpeg" or "webp"',
    ]);
    expect(issues({ prompt: 'a', image_output_format: 'jpeg', image_output_compression: 0 })).toEqual([
      'image_output_compression must be a whole number from 1 to 100',
    ]);
  });

  it('checks each value that an optional parameter may have', () => {
    const every = createModelSpec({ ...entry, limits: { ...entry.limits, optionalParameters } });
    const wrong = (payload: object) => {
      const parsed = every.parse({ prompt: 'a', ...payload }, 'model');
      return parsed.kind === 'refused' ? parsed.issues.map(({ path, message }) => `${path.join('.')} ${message}`) : [];
    };
    const harassment = { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' };
    expect(wrong({ temperature: 0.4, top_p: 1, seed: 0, safety_settings: [harassment], google_search: true })).toEqual(
      [],
    );
    expect(wrong({ temperature: 2.1, top_p: 'a', google_search: 'yes', system_instruction: ['a'] })).toEqual([
      'system_instruction must be a string of 1 to 32,000 characters',
      'temperature must be a number from 0 to 2',
      'top_p must be a number from 0 to 1',
      'google_search must be true or false',
    ]);
    expect(wrong({ safety_settings: [harassment, harassment] })).toEqual(['safety_settings names a category twice']);
    expect(wrong({ safety_settings: [{ category: 'RUDENESS', threshold: 'SOME' }] })).toEqual([
      expect.stringMatching(/^safety_settings\.0\.category must be one of HARM_CATEGORY_HARASSMENT, /),
      expect.stringMatching(/^safety_settings\.0\.threshold must be one of BLOCK_LOW_AND_ABOVE, /),
    ]);
  });

  it('prices the system instruction and the searches: one for each picture is expected, and each that was made is charged', () => {
    const limits = { ...entry.limits, optionalParameters };
    const searching = createModelSpec({
      ...entry,
      limits,
      prices: { ...entry.prices, search: { parameter: 'google_search', micros: 14_000 } },
    });
    const parsed = searching.parse(
      { prompt: 'a', google_search: true, system_instruction: 'abcd', number_of_images: 2 },
      'model',
    );
    if (parsed.kind === 'refused') throw new Error('It is refused');
    const order = searching.toOrder(parsed.payload, []);
    expect(searching.price(order)).toBe(2 * (100 * 40 + (1 + 1) * 5 + 14_000));
    const usage = { promptTokens: 1, textTokens: 0, thoughtTokens: 0, imageTokens: 0, totalTokens: 1 };
    expect([searching.cost(usage), searching.cost(usage, { searches: 2 })]).toEqual([5, 28_005]);
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
