import { describe, expect, it } from 'vitest';
import { model, useApp } from '../../../../test/app-harness.ts';
import { housePrefix } from '../../../http/prefixes.ts';
import { modelPrefix } from '../prefixes.ts';

const app = useApp();

describe('models', () => {
  it.each([housePrefix, modelPrefix])('lists and describes the catalogue under %s', async (prefix) => {
    const { model_ids, models } = (await app.current.call({ url: `${prefix}/models` })).json();
    expect(model_ids).toEqual([
      'gemini-3-pro-image-preview',
      'gemini-3-pro-image',
      'gemini-nano-banana-2.1',
      'gemini-3.1-flash-image-preview',
      'gemini-3.1-flash-image',
      'gemini-3.1-flash-lite-image',
    ]);
    const detail = (await app.current.call({ url: `${prefix}/models/${model}` })).json();
    expect(Object.keys(detail)).toEqual([
      'model',
      'org_id',
      'display_name',
      'brief_description',
      'detailed_description',
      'modalities',
      'tags',
      'model_type',
      'delivery_mode',
      'parameters',
      'price_info',
      'pricing_details',
      'prices',
      'pixels',
    ]);
    expect(detail.pricing_details).toBe(
      'For input, $0.0011 per image. For output, $0.134 per 1K/2K image and $0.24 per 4K image',
    );
    expect(detail.prices).toEqual({
      currency: 'USD',
      unit: 'micro-dollars',
      per_image: { '1K': 134_400, '2K': 134_400, '4K': 240_000 },
      per_reference: 1_120,
      per_tier: { batch: 0.5, flex: 0.5, priority: 2 },
      per_token: { prompt: 2, text: 12, image: 120 },
      as_of: '2026-06',
      source: expect.any(String),
    });
    expect(detail.pixels['2K']['16:9']).toEqual({ width: 2752, height: 1536 });
    expect(detail.price_info).toEqual({ price: 134_400, pricing_type: 'per_image', unit: 'image' });
    expect(detail.parameters).toContainEqual({
      name: 'image_size',
      display_name: 'Image size',
      description: expect.any(String),
      type: 'string',
      required: false,
      default_value: '1K',
      options: ['1K', '2K', '4K'],
      min_value: null,
      max_value: null,
    });
    expect(detail.parameters.find((one: { name: string }) => one.name === 'prompt')).toMatchObject({
      required: false,
      type: 'string',
    });
    expect(models.map((one: { model: string }) => one.model)).toEqual(model_ids);
    expect(models[0]).toEqual(detail);
    // A client that insists on what is required could not send only a conversation.
    expect(detail.parameters.filter((one: { required: boolean }) => one.required)).toEqual([]);
    expect((await app.current.call({ url: `${prefix}/models/unknown` })).json().error).toBe('Model not found');
  });
});
