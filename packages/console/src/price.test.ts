import { describe, expect, it } from 'vitest';
import { estimateDollars } from './price.ts';

const prices = {
  currency: 'USD',
  unit: 'micro-dollars',
  per_image: { '1K': 134_400, '2K': 134_400, '4K': 240_000 },
  per_reference: 1_120,
  per_token: { prompt: 2, text: 12, image: 120 },
  per_tier: { flex: 0.5, priority: 2 },
  as_of: '2026-06',
  source: 'A price page.',
} as const;

const order = { size: '1K', count: 1, references: 0, tier: 'standard' } as const;

describe('the cost before sending', () => {
  it('is the price of the size for each picture', () => {
    expect(estimateDollars(prices, { ...order, size: '2K' })).toBeCloseTo(0.1344);
    expect(estimateDollars(prices, { ...order, size: '4K', count: 3 })).toBeCloseTo(0.72);
  });

  it('counts the references once for each picture, since each picture is one call', () => {
    expect(estimateDollars(prices, { ...order, count: 2, references: 3 })).toBeCloseTo(2 * (0.1344 + 3 * 0.00112));
  });

  it('is not shown where the prices do not name the size', () => {
    expect(estimateDollars(prices, { ...order, size: '8K' })).toBeUndefined();
  });

  it('is that of the service tier; in the cheapest one the most that it may be', () => {
    const costs = (['flex', 'priority', 'cheapest'] as const).map((tier) =>
      estimateDollars(prices, { ...order, tier }),
    );
    expect(costs).toEqual([0.0672, 0.2688, 0.1344]);
  });
});
