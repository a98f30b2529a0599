import { describe, expect, it } from 'vitest';
import { models } from '../../../test/models.ts';
import { toDollars } from '../../core/pricing.ts';

function model(id: string) {
  const found = models.find(id);
  if (!found) throw new Error(`no model ${id}`);
  return found;
}

describe('pricing', () => {
  const pro = model('gemini-3-pro-image-preview');

  it('of a picture whose ratio the model decides is by its size', () => {
    const { payloadSchema, pixels, price, toOrder } = pro;
    const order = (ratio: string) =>
      toOrder(payloadSchema.parse({ prompt: 'a', image_size: '4K', aspect_ratio: ratio }), []);
    expect(price(order('auto'))).toBe(price(order('1:1')));
    expect(pixels(order('auto'))).toBeUndefined();
  });

  it.each([
    ['gemini-3-pro-image', '1K', 0.134],
    ['gemini-3-pro-image', '2K', 0.134],
    ['gemini-3-pro-image', '4K', 0.24],
    ['gemini-nano-banana-2.1', '1K', 0.0336],
    ['gemini-nano-banana-2.1', '2K', 0.0504],
    ['gemini-nano-banana-2.1', '4K', 0.113],
    ['gemini-3.1-flash-image', '512', 0.045],
    ['gemini-3.1-flash-lite-image', '1K', 0.034],
  ])('estimates a picture of %s at %s as its listed price', (id, size, dollars) => {
    const { payloadSchema, toOrder, price } = model(id);
    const order = toOrder(payloadSchema.parse({ prompt: 'a', image_size: size }), []);
    expect(toDollars(price(order))).toBeCloseTo(dollars, 3);
  });

  it.each(
    models
      .list()
      .filter(({ prices }) => prices.tiers)
      .map((spec) => [spec.id, spec] as const),
  )('of %s is by its tier, estimate and cost alike, and a search costs the same in all of them', (_, spec) => {
    const { payloadSchema, toOrder, price, cost, limits } = spec;
    for (const [tier, factor] of [
      ['standard', 1],
      ['flex', 0.5],
      ['priority', 2],
    ] as const)
      for (const size of limits.imageSizes) {
        const order = toOrder(payloadSchema.parse({ prompt: 'abcd', image_size: size, google_search: true }), []);
        const search = 14_000;
        const usage = {
          promptTokens: 1,
          imageTokens: spec.prices.imageTokens[size] ?? 0,
          textTokens: 0,
          thoughtTokens: 0,
        };
        const estimate = price(order, tier);
        // Each is rounded up.
        expect(Math.abs(estimate - search - (price(order) - search) * factor)).toBeLessThanOrEqual(1);
        expect(cost({ ...usage, totalTokens: 0 }, { searches: 1, tier })).toBe(estimate);
      }
  });

  it('gives calls of the flex tier fifteen minutes more', () => {
    const order = pro.toOrder(pro.payloadSchema.parse({ prompt: 'a' }), []);
    expect([pro.timeoutMs(order), pro.timeoutMs(order, 'priority'), pro.timeoutMs(order, 'flex')]).toEqual([
      360_000, 360_000, 1_260_000,
    ]);
  });

  it('counts every picture and every reference', () => {
    const toEstimate = (payload: object) => pro.price(pro.toOrder(pro.payloadSchema.parse(payload), []));
    const three = { prompt: 'a', number_of_images: 3, image: ['https://a.example/1.png'] };
    expect(toEstimate(three)).toBe(3 * (toEstimate({ prompt: 'a' }) + 560 * 2));
  });

  it('prices image tokens as image tokens, and thoughts as text', () => {
    const usage = { promptTokens: 32, imageTokens: 1120, textTokens: 10, thoughtTokens: 748, totalTokens: 1910 };
    expect(pro.cost(usage)).toBe(32 * 2 + 1120 * 120 + 758 * 12);
  });
});
