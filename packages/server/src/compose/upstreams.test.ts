import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { composeModels } from './catalogue.ts';
import { assertServable, findUnserved, toUpstream } from './upstreams.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-upstreams-'));
});

afterEach(() => rm(folder, { recursive: true }));

const load = (...entries: readonly object[]) =>
  loadConfig({ env: { DARKROOM_UPSTREAMS: JSON.stringify(entries) }, flags: {}, folder });
const main = { name: 'main', api_key: 'key-of-main' };

describe('the accounts of DARKROOM_UPSTREAMS', () => {
  it('are Google’s and serve all of its models, unless they say otherwise', () => {
    const config = load(main, { ...main, name: 'spare', provider: 'google', models: ['gemini-3-pro-image'] });
    const [all, listed] = config.upstreams.map((one) => toUpstream(one, composeModels(config)));
    expect(all).toMatchObject({ name: 'main', quotaTimeZone: 'America/Los_Angeles' });
    expect(all?.models).toContain('gemini-nano-banana-2.1');
    expect(listed?.models).toEqual(['gemini-3-pro-image']);
    expect(() => assertServable(config)).not.toThrow();
    expect(findUnserved(config, composeModels(config))).toEqual([]);
  });

  it('have an order in which they are called', () => {
    const config = load({ ...main, order: 2 }, { ...main, name: 'spare' });
    expect(config.upstreams.map((one) => toUpstream(one, composeModels(config)).order)).toEqual([2, undefined]);
    expect(() => load({ ...main, order: -1 })).toThrow('DARKROOM_UPSTREAMS[0].order must be a whole number from 0 to');
  });

  it('are projects of Google Cloud that serve the same models, if Vertex AI is their provider', () => {
    const config = load({ name: 'cloud', provider: 'vertex', project: 'my-project', models: ['gemini-3-pro-image'] });
    expect(() => assertServable(config)).not.toThrow();
    const models = composeModels(config);
    expect(models.find('gemini-nano-banana-2.1')).toBeDefined();
    expect(config.upstreams.map((one) => toUpstream(one, models))).toMatchObject([
      { name: 'cloud', models: ['gemini-3-pro-image'], quotaTimeZone: 'UTC' },
    ]);
  });

  it('name providers and models that exist, or are refused together, by place and never by value', () => {
    const config = load(
      { ...main, provider: 'verborgen' },
      { ...main, name: 'spare', models: ['gemini-3-pro-image', 'geheim'] },
    );
    const attempt = () => assertServable(config);
    expect(attempt).toThrow('DARKROOM_UPSTREAMS[0].provider must be one of google');
    expect(attempt).toThrow('DARKROOM_UPSTREAMS[1].models[1] must be a model of google: gemini-3-pro-image-preview, ');
    expect(attempt).not.toThrow(/verborgen|geheim/);
  });

  it('leave models unserved that none of them lists, which doctor tells', () => {
    const config = load({ ...main, models: ['gemini-3-pro-image'] });
    expect(findUnserved(config, composeModels(config))).toEqual([
      'gemini-3-pro-image-preview',
      'gemini-nano-banana-2.1',
      'gemini-3.1-flash-image-preview',
      'gemini-3.1-flash-image',
      'gemini-3.1-flash-lite-image',
    ]);
  });
});

describe('the aliases of DARKROOM_MODEL_ALIASES', () => {
  const loadAliases = (text: string) => loadConfig({ env: { DARKROOM_MODEL_ALIASES: text }, flags: {}, folder });

  it('lead to models that exist, and rename none', () => {
    const config = loadAliases('gpt-image-1=gemini-3-pro-image, google/nano-banana-pro=gemini-3-pro-image-preview');
    expect(() => assertServable(config)).not.toThrow();
    const attempt = () => assertServable(loadAliases('dall-e-3=gemini-9,gemini-3-pro-image=gemini-3.1-flash-image'));
    expect(attempt).toThrow(
      'DARKROOM_MODEL_ALIASES must map dall-e-3 to one of the models: gemini-3-pro-image-preview, ',
    );
    expect(attempt).toThrow('DARKROOM_MODEL_ALIASES must not rename the model gemini-3-pro-image');
    expect(() => loadAliases('gpt-image-1')).toThrow('DARKROOM_MODEL_ALIASES[0] must be pairs of a name and a model');
  });
});
