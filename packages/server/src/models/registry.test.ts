import { describe, expect, it } from 'vitest';
import { googleModels } from '../providers/google/models.ts';
import { createModelSpec } from './create-model-spec.ts';
import { createModelRegistry, toUpstreamIds } from './registry.ts';

const specs = googleModels.map((entry) => createModelSpec(entry));

describe('a registry', () => {
  const registry = createModelRegistry(specs);

  it('finds a model by its public id, with exactly the same letters', () => {
    expect(registry.find('gemini-3-pro-image')?.id).toBe('gemini-3-pro-image');
    expect(registry.find('Gemini-3-pro-image')).toBeUndefined();
  });

  it('finds a model by its alias, and lists no alias as a model', () => {
    const aliases = new Map([['gpt-image-1', 'gemini-3-pro-image']]);
    const aliased = createModelRegistry(specs, { aliases });
    expect(aliased.find('gpt-image-1')?.id).toBe('gemini-3-pro-image');
    expect(aliased.find('gpt-image-2')).toBeUndefined();
    expect([aliased.list(), aliased.aliases]).toEqual([specs, aliases]);
  });

  it('lists the models in the order in which it was given them', () => {
    expect(registry.list()).toEqual(specs);
  });

  it('refuses two models of one id, and names the id', () => {
    const [first] = specs;
    if (!first) throw new Error('There are no models.');
    expect(() => createModelRegistry([...specs, first])).toThrow(`Two models have the same id: ${first.id}`);
  });

  it('returns the upstream’s id of every public one, which several may share', () => {
    expect([...toUpstreamIds(registry)].slice(0, 2)).toEqual([
      ['gemini-3-pro-image-preview', 'gemini-3-pro-image'],
      ['gemini-3-pro-image', 'gemini-3-pro-image'],
    ]);
  });
});
