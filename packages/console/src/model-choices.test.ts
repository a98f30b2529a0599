import type { ModelDetail } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { fitChoices, toOffer } from './model-choices.ts';
import { firstChoices } from './picture-choices.tsx';

const parameter = (name: string, facts: object) => ({ name, options: null, max_value: null, ...facts });
const detail = {
  parameters: [
    parameter('image_size', { options: ['512', '1024'] }),
    parameter('aspect_ratio', { options: ['wide', '1:1'] }),
    parameter('number_of_images', { max_value: 2 }),
  ],
  prices: { per_tier: { priority: 2, flex: 0.5 } },
  stand_ins: ['gpt-image-2'],
} as unknown as ModelDetail; // the rest is not read

describe('what a model lets choose', () => {
  it('is what its parameters list', () => {
    expect(toOffer(detail, firstChoices)).toEqual({
      sizes: ['512', '1024'],
      ratios: ['wide', '1:1'],
      counts: [1, 2],
      tiers: [
        { tier: 'standard', price: 'full price' },
        { tier: 'flex', price: '−50%' },
        { tier: 'priority', price: '+100%' },
        { tier: 'cheapest', price: '0 to −50%' },
      ],
      standIns: ['gpt-image-2'],
    });
  });

  it('is only what is chosen until the model is known', () => {
    expect(toOffer(undefined, firstChoices)).toEqual({
      sizes: ['1K'],
      ratios: ['1:1'],
      counts: [1],
      tiers: [{ tier: 'standard', price: 'full price' }],
      standIns: [],
    });
  });

  it('keeps what the model has of the choices, and replaces the rest with its first', () => {
    const choices = { ...firstChoices, size: '4K', count: 4, tier: 'batch' } as const;
    const fitted = { ...choices, size: '512', ratio: '1:1', count: 1, tier: 'standard' };
    expect(fitChoices(choices, toOffer(detail, choices))).toEqual(fitted);
    expect(fitChoices({ ...choices, tier: 'flex' }, toOffer(detail, choices)).tier).toBe('flex');
  });
});
