import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { models } from '../../test/models.ts';
import type { Conversation } from '../core/conversation.ts';
import type { Order } from '../core/order.ts';
import { openaiModels } from '../providers/openai/models.ts';
import { adaptOrder } from './adapt-order.ts';
import { createModelSpec } from './create-model-spec.ts';
import type { ModelSpec } from './model-spec.ts';
import { readShape } from './picture-shape.ts';

const pro = find('gemini-3-pro-image');
const quick = find('gemini-nano-banana-2.1');
const foreign = openaiModels.map((entry) => createModelSpec(entry));

function find(id: string): ModelSpec {
  const found = models.find(id);
  if (!found) throw new Error(`There is no model ${id}`);
  return found;
}

const ask: Conversation = [{ role: 'user', parts: [{ kind: 'text', text: 'a lighthouse' }] }];

function toOrder(parameters: Order['parameters'], conversation = ask): Order {
  return { format: 'png', images: 1, conversation, parameters };
}

/** A model of the same kind that makes only these pixels. */
function toSmall(shapes: ModelSpec['shapes'], limits: Partial<ModelSpec['limits']> = {}): ModelSpec {
  const imageSizes = Object.keys(shapes);
  const aspectRatios = [...new Set(Object.values(shapes).flatMap(Object.keys))];
  return { ...pro, shapes, limits: { ...pro.limits, imageSizes, aspectRatios, ...limits } };
}

const squares = toSmall({
  small: { '1:1': { width: 512, height: 512 }, '3:2': { width: 512, height: 340 } },
  large: { '1:1': { width: 1_536, height: 1_536 } },
});

describe('an order for another model', () => {
  it.each([
    [
      'keeps a size and a ratio that both have',
      { imageSize: '2K', aspectRatio: '16:9' },
      quick,
      { imageSize: '2K', aspectRatio: '16:9' },
    ],
    [
      'gets the nearest size of its ratio',
      { imageSize: '2K', aspectRatio: '1:1' },
      squares,
      { imageSize: 'large', aspectRatio: '1:1' },
    ],
    [
      'gets the nearest ratio first, whatever sizes it has',
      { imageSize: '4K', aspectRatio: '16:9' },
      squares,
      { imageSize: 'small', aspectRatio: '3:2' },
    ],
    [
      'gets the first size where no pixels are promised',
      { imageSize: '4K', aspectRatio: '1:1' },
      toSmall({}, { imageSizes: ['a', 'b'], aspectRatios: ['1:1'] }),
      { imageSize: 'a', aspectRatio: '1:1' },
    ],
  ])('%s', (_what, shape, to, expected) => {
    expect(adaptOrder(toOrder(shape), { from: pro, to })?.parameters).toEqual(expected);
  });

  const shape = { imageSize: '1K', aspectRatio: '1:1' };

  it('has a quality of its model, the usual one where the wish is not among them, and none where its model has none', () => {
    const [fine, plain] = ['gpt-image-2.6-flare', 'gpt-image-2'].map((id) => foreign.find((model) => model.id === id));
    if (!fine || !plain) throw new Error('There are no such models.');
    const toQuality = (quality: string | undefined, from: ModelSpec, to: ModelSpec) =>
      adaptOrder(toOrder({ ...shape, ...(quality && { quality }) }), { from, to })?.parameters['quality'];
    expect(toQuality(undefined, pro, plain)).toBe('medium');
    expect(toQuality('max', fine, plain)).toBe('medium');
    expect(toQuality('high', fine, plain)).toBe('high');
    expect(adaptOrder(toOrder({ ...shape, quality: 'high' }), { from: plain, to: pro })?.parameters).toEqual(shape);
  });

  it.each([
    ['a parameter that it does not take', { ...shape, seed: 5 }, ask, { optionalParameters: [] }],
    [
      'a level of thought that it does not have',
      { ...shape, thinking_level: 'medium' },
      ask,
      { thinkingLevels: ['high'] },
    ],
    [
      'more references than it takes',
      shape,
      [{ role: 'user', parts: [{ kind: 'picture', uri: 'https://a.example/a.png' }] }],
      { maxReferences: 0 },
    ],
    ['a longer text than it takes', shape, ask, { maxPromptCharacters: 11 }],
  ] satisfies [string, object, Conversation, Partial<ModelSpec['limits']>][])(
    'is none for %s',
    (_what, parameters, conversation, limits) => {
      const to = { ...quick, limits: { ...quick.limits, ...limits } };
      expect(adaptOrder(toOrder(parameters, conversation), { from: pro, to })).toBeUndefined();
      expect(adaptOrder(toOrder(shape, ask), { from: pro, to: quick })).toBeDefined();
    },
  );

  it('has a size and a ratio of its model, whatever was asked of which other one', () => {
    const all = [...models.list(), ...foreign];
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.constantFrom(...all, squares), fc.nat(), fc.nat(), (from, to, a, b) => {
        const { imageSizes, aspectRatios } = from.limits;
        const wish = {
          imageSize: imageSizes[a % imageSizes.length] ?? '',
          aspectRatio: aspectRatios[b % aspectRatios.length] ?? '',
        };
        const made = readShape(adaptOrder(toOrder(wish), { from, to })?.parameters ?? {});
        expect(to.limits.imageSizes).toContain(made.imageSize);
        expect(to.limits.aspectRatios).toContain(made.aspectRatio);
        if (made.aspectRatio !== 'auto') expect(to.shapes[made.imageSize]?.[made.aspectRatio]).toBeDefined();
        expect(to.price(toOrder({ ...made }))).toBeGreaterThan(0);
      }),
    );
  });
});
