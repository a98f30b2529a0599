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
} as ModelDetail; // the rest is not read

describe('what a model lets choose', () => {
  it('is what its parameters list', () => {
    expect(toOffer(detail, firstChoices)).toEqual({ sizes: ['512', '1024'], ratios: ['wide', '1:1'], counts: [1, 2] });
  });

  it('is only what is chosen until the model is known', () => {
    expect(toOffer(undefined, firstChoices)).toEqual({ sizes: ['1K'], ratios: ['1:1'], counts: [1] });
  });

  it('keeps what the model has of the choices, and replaces the rest with its first', () => {
    const choices = { ...firstChoices, size: '4K', count: 4 };
    expect(fitChoices(choices, toOffer(detail, choices))).toEqual({ ...choices, size: '512', ratio: '1:1', count: 1 });
  });
});
