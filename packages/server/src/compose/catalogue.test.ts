import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { describeRetirement } from '../models/missing-model.ts';
import { composeModels } from './catalogue.ts';
import { findEnding } from './ending-models.ts';
import { assertServable, toUpstream } from './upstreams.ts';

const load = (models: unknown, env: Record<string, string> = {}) =>
  loadConfig({ env: { DARKROOM_MODELS: JSON.stringify(models), ...env }, flags: {}, folder: import.meta.dirname });

const sketch = {
  id: 'sketch',
  provider: 'google',
  upstream_id: 'sketcher-2',
  pixels: { small: { square: '64x64', wide: '128x64' }, large: { square: '256x256' } },
  max_references: 1,
  max_prompt_characters: 77,
  parameters: ['seed'],
  price_per_image: { small: 0, large: 0.02 },
};

describe('DARKROOM_MODELS', () => {
  it('adds a model: its sizes and ratios are those of its pixels, its limits its own, its price fixed', () => {
    const config = load([sketch]);
    expect(() => assertServable(config)).not.toThrow();
    const models = composeModels(config);
    const spec = models.find('sketch');
    expect(models.list().at(-1)).toBe(spec);
    expect(spec).toMatchObject({
      upstreamId: 'sketcher-2',
      displayName: 'sketch',
      pricingDetails: 'For output, $0 per small image and $0.02 per large image',
      limits: { imageSizes: ['small', 'large'], aspectRatios: ['square', 'wide'], maxReferences: 1, maxImages: 10 },
      prices: { imageTokens: { small: 0, large: 20_000 }, isFlat: true },
    });
    const parsed = spec?.parse({ prompt: 'a', image_size: 'large', seed: 4 }, 'model');
    if (!spec || parsed?.kind !== 'parsed') throw new Error('It is refused.');
    const order = spec.toOrder(parsed.payload, []);
    expect([spec.price(order), spec.pixels(order)]).toEqual([20_000, { width: 256, height: 256 }]);
    expect(spec.parse({ prompt: 'a'.repeat(78), temperature: 1 }, 'model')).toMatchObject({ kind: 'refused' });
    const [upstream] = config.upstreams;
    if (!upstream) throw new Error('There is no upstream.');
    expect(toUpstream(upstream, models).models).toContain('sketch');
  });

  it('gives a model qualities and masks', () => {
    const spec = composeModels(load([{ ...sketch, qualities: ['quick', 'slow'], takes_mask: true }])).find('sketch');
    expect(spec?.takesMask).toBe(true);
    const parsed = spec?.parse({ prompt: 'a', quality: 'slow', seed: 4 }, 'model');
    if (!spec || parsed?.kind !== 'parsed') throw new Error('It is refused.');
    expect(spec.toOrder(parsed.payload, []).parameters).toMatchObject({ quality: 'slow', seed: 4 });
  });

  it('changes what an entry says of a built-in model, and nothing else of it', () => {
    const config = load([
      { id: 'gemini-3-pro-image', display_name: 'House model', sizes: ['4K', '2K'], price_per_image: 0.3 },
      { id: 'gemini-nano-banana-2.1', price_per_million_tokens: { image: 15 }, retires_on: '2027-01-31' },
    ]);
    const models = composeModels(config);
    expect(models.list()).toHaveLength(composeModels(load([])).list().length);
    const pro = models.find('gemini-3-pro-image');
    expect(pro).toMatchObject({ displayName: 'House model', upstreamId: 'gemini-3-pro-image' });
    expect(pro?.limits.imageSizes).toEqual(['4K', '2K']);
    expect(Object.keys(pro?.shapes ?? {})).toEqual(['4K', '2K']);
    expect(pro?.pricingDetails).toBe('For output, $0.3 per 4K/2K image');
    expect(models.find('gemini-nano-banana-2.1')).toMatchObject({
      prices: { promptToken: 0.5, imageToken: 15, imageTokens: { '1K': 1120 } },
      pricingDetails:
        'For input, $0.00028 per image. For output, $0.0168 per 1K image, $0.0252 per 2K image and $0.0565 per 4K image',
      retirement: { on: '2027-01-31' },
    });
  });

  it('prices tiers and searches, and a changed price keeps the tiers of its model', () => {
    const config = load([
      { ...sketch, tiers: { flex: 0.25 }, parameters: ['google_search'], price_per_search: 0.03 },
      { id: 'gemini-3-pro-image', price_per_image: 0.3, tiers: { priority: 1.5 } },
    ]);
    expect(() => assertServable(config)).not.toThrow();
    const models = composeModels(config);
    const spec = models.find('sketch');
    const parsed = spec?.parse({ prompt: 'a', image_size: 'large', google_search: true }, 'model');
    if (!spec || parsed?.kind !== 'parsed') throw new Error('It is refused.');
    const order = spec.toOrder(parsed.payload, []);
    expect([spec.price(order), spec.price(order, 'flex')]).toEqual([50_000, 35_000]);
    expect(models.find('gemini-3-pro-image')?.prices).toMatchObject({
      search: { micros: 14_000 },
      tiers: { flex: 0.5, priority: 1.5 },
    });
    const shapeless = () => load([{ ...sketch, tiers: { geheim: 1, flex: -1 } }]);
    expect(shapeless).toThrow(
      'DARKROOM_MODELS[0].tiers must be an object of multiples of the price, by priority, flex',
    );
    expect(shapeless).toThrow('DARKROOM_MODELS[0].tiers.flex must be a number from 0 to 100');
    expect(shapeless).not.toThrow('geheim');
    const foreign = load([
      { ...sketch, tiers: { batch: 0.5 } },
      { ...sketch, id: 'own', provider: 'openai', tiers: { flex: 0.5 } },
    ]);
    const attempt = () => assertServable(foreign);
    expect(attempt).toThrow('DARKROOM_MODELS[1].tiers must be left out: openai has no service tiers');
  });

  it('hides a model from lists, and gives it other names', () => {
    const models = composeModels(
      load([{ id: 'gemini-3.1-flash-image', hidden: true, aliases: ['gpt-image-1', 'nano-banana-pro-preview'] }], {
        DARKROOM_MODEL_ALIASES: 'gpt-image-1=gemini-3-pro-image',
      }),
    );
    expect(models.list().map(({ id }) => id)).not.toContain('gemini-3.1-flash-image');
    expect(models.find('gemini-3.1-flash-image')?.isHidden).toBe(true);
    expect(models.find('nano-banana-pro-preview')?.id).toBe('gemini-3.1-flash-image');
    expect(models.find('gpt-image-1')?.id).toBe('gemini-3-pro-image');
  });

  it('names the stand-ins of a model, in every case unless it says when', () => {
    const fallback = [{ model: 'sketch', when: ['resting'] }, { model: 'gemini-3.1-flash-image' }];
    const config = load([sketch, { id: 'gemini-3-pro-image', fallback }]);
    expect(() => assertServable(config)).not.toThrow();
    expect(composeModels(config).find('gemini-3-pro-image')?.fallback).toEqual([
      { model: 'sketch', when: ['resting'] },
      { model: 'gemini-3.1-flash-image', when: ['resting', 'overloaded', 'deadline'] },
    ]);
    const wrong = load([
      { id: 'gemini-3-pro-image', fallback: [{ model: 'gemini-3-pro-image' }, { model: 'geheim' }] },
    ]);
    expect(() => assertServable(wrong)).toThrow('DARKROOM_MODELS[0].fallback[0].model must be another model');
    expect(() => assertServable(wrong)).toThrow('DARKROOM_MODELS[0].fallback[1].model must be one of the models: ');
    expect(() => assertServable(wrong)).not.toThrow('geheim');
    const shapeless = () => load([{ id: 'gemini-3-pro-image', fallback: [{ model: 'sketch', when: ['geheim'] }] }]);
    expect(shapeless).toThrow('DARKROOM_MODELS[0].fallback[0].when[0] must be a list of some of resting, overloaded, ');
  });

  it('is refused as a whole, by place and never by value', () => {
    const shape = () =>
      load([
        { id: 'geheim', provider: 'google', hue: 1, sizes: ['verborgen', 'verborgen'] },
        { id: 'a b' },
        'geheim',
        { id: 'x', pixels: { '1K': { '1:1': 'verborgen' } }, price_per_image: -1, parameters: ['verborgen'] },
        { id: 'geheim', retires_on: 'verborgen' },
      ]);
    for (const problem of [
      'DARKROOM_MODELS[0].sizes must be a list of 1 to 50 different words',
      'DARKROOM_MODELS[0] has the unknown key hue; the keys are id, provider, ',
      'DARKROOM_MODELS[1].id must be a name of 1 to 100 characters without spaces and commas',
      'DARKROOM_MODELS[2] must be an object with an id',
      'DARKROOM_MODELS[3].pixels.1K.1:1 must be pixels',
      'DARKROOM_MODELS[3].price_per_image must be a number of dollars from 0 to 10,000',
      'DARKROOM_MODELS[3].parameters[0] must be a list of some of system_instruction, ',
      'DARKROOM_MODELS[4].retires_on must be a day',
    ])
      expect(shape).toThrow(problem);
    expect(shape).not.toThrow(/geheim|verborgen|a b/);
    expect(() => load([{ id: 'x' }, { id: 'x' }])).toThrow('DARKROOM_MODELS[1].id must be unique');
    expect(() => load({ id: 'x' })).toThrow('DARKROOM_MODELS must be a JSON list of models');
  });

  it('names providers that exist, prices for every size and aliases that are free', () => {
    const config = load([
      { id: 'one', provider: 'verborgen' },
      { id: 'gemini-3-pro-image', provider: 'other', aliases: ['gemini-3-pro-image-preview'] },
      { id: 'two', provider: 'google', sizes: ['1K'], aliases: ['geheim'] },
      { ...sketch, price_per_image: { small: 1 }, aliases: ['geheim'] },
      { id: 'gemini-nano-banana-2.1', sizes: ['8K'] },
    ]);
    const attempt = () => assertServable(config);
    for (const problem of [
      'DARKROOM_MODELS[0].provider must be one of google',
      'DARKROOM_MODELS[1].provider must be one of google',
      'DARKROOM_MODELS[1].aliases[0] must not be the id of a model',
      'DARKROOM_MODELS[2] needs a price: price_per_image, or price_per_million_tokens with image_tokens',
      'DARKROOM_MODELS[3].price_per_image must have every size of the model',
      'DARKROOM_MODELS[3].aliases[0] must be unique: another model has it',
      'DARKROOM_MODELS[4].image_tokens must have every size of the model',
    ])
      expect(attempt).toThrow(problem);
    expect(attempt).not.toThrow(/verborgen|geheim/);
  });
});

it('lets an operator raise the contract’s length of prompts, up to what each model takes', () => {
  const models = composeModels(load([sketch], { DARKROOM_MAX_PROMPT_CHARACTERS: '40000' }));
  const accepts = (id: string, characters: number) =>
    models.find(id)?.parse({ prompt: 'a'.repeat(characters) }, 'contract').kind === 'parsed';
  expect([32_000, 32_001].map((length) => accepts('gemini-3-pro-image', length))).toEqual([true, false]);
  expect(accepts('sketch', 78)).toBe(false);
  expect(() => load([], { DARKROOM_MAX_PROMPT_CHARACTERS: '100' })).toThrow('must be a whole number from 2000');
});

it('leaves the batch tier out where no account makes batch jobs, and says why', () => {
  const vertex = { name: 'v', provider: 'vertex', project: 'p' };
  const toTiers = (upstreams: readonly object[]) => {
    const spec = composeModels(load([], { DARKROOM_UPSTREAMS: JSON.stringify(upstreams) })).find('gemini-3-pro-image');
    return [Object.keys(spec?.prices.tiers ?? {}), spec?.tierRefusals?.batch];
  };
  expect(toTiers([vertex])).toEqual([['flex', 'priority'], expect.stringMatching(/^Vertex AI .*buckets/)]);
  expect(toTiers([vertex, { name: 'g', api_key: 'a-test-key' }])).toEqual([['batch', 'flex', 'priority'], undefined]);
});

describe('models that end', () => {
  it('say what is called instead, also by the names that clients add', () => {
    const models = composeModels(load([]));
    for (const name of ['gemini-2.5-flash-image', 'models/gemini-2.5-flash-image'])
      expect(describeRetirement(models, name)).toBe(
        'was retired by its provider on 2026-10-02: call gemini-nano-banana-2.1 instead',
      );
    expect(describeRetirement(models, 'dall-e-3')).toContain('call gpt-image-2.5-flare instead');
    const withoutOpenai = composeModels(load([], { GEMINI_API_KEY: 'key-of-google' }));
    expect(describeRetirement(withoutOpenai, 'dall-e-3')).toBeUndefined();
    for (const { replacement = '' } of models.retired.values()) expect(models.find(replacement)).toBeDefined();
  });

  it('are found sixty days before, each once, where an account serves them', () => {
    const setting = [{ id: 'gemini-3-pro-image', retires_on: '2027-03-31' }];
    const config = load(setting, { GEMINI_API_KEY: 'key-of-google' });
    const models = composeModels(config);
    const ending = (day: string) => findEnding(config, { models, now: Date.parse(day) });
    expect(ending('2026-08-01')).toEqual([]);
    expect(ending('2026-11-27')).toMatchObject([{ upstreamId: 'gemini-3.1-flash-image', isOver: true }]);
    expect(ending('2027-02-01')).toMatchObject([
      { upstreamId: 'gemini-3-pro-image', isOver: false },
      { upstreamId: 'gemini-3.1-flash-image' },
    ]);
    const sandbox = load(setting);
    expect(findEnding(sandbox, { models, now: Date.parse('2027-02-01') })).toEqual([]);
  });
});
