import { describeRetirement } from '../../models/missing-model.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import { createModelProblem } from '../payload-names.ts';

/** What a path of fal names: a model, and whether pictures are edited. */
export interface Endpoint {
  readonly name: string;
  readonly model: ModelSpec;
  readonly isEdit: boolean;
}

/** fal's names of models, and the ids that they have here. */
const builtIn: ReadonlyMap<string, string> = new Map([
  ['fal-ai/nano-banana', 'gemini-2.5-flash-image'],
  ['fal-ai/nano-banana-pro', 'gemini-3-pro-image'],
  ['fal-ai/gemini-3-pro-image-preview', 'gemini-3-pro-image-preview'],
  ['fal-ai/nano-banana-2', 'gemini-3.1-flash-image'],
  ['fal-ai/gemini-3.1-flash-image-preview', 'gemini-3.1-flash-image-preview'],
  ['fal-ai/nano-banana-2.1', 'gemini-nano-banana-2.1'],
]);

/** Throws the `Problem` of a model that is not offered. The operator's aliases win. */
export function findEndpoint(name: string, models: ModelRegistry): Endpoint {
  const base = name.replace(/\/edit$/, '');
  const ids = [name, base, builtIn.get(base) ?? '', base.replace(/^fal-ai\//, '')];
  const model = ids.map((id) => models.find(id)).find((found) => found !== undefined);
  if (!model)
    throw createModelProblem(name, listEndpoints(models), describeRetirement(models, builtIn.get(base) ?? base));
  return { name, model, isEdit: base !== name };
}

function listEndpoints(models: ModelRegistry): readonly string[] {
  const offered = [...builtIn].flatMap(([name, id]) => (models.find(id) ? [name, `${name}/edit`] : []));
  const known = new Set(builtIn.values());
  const others = models.list().flatMap(({ id }) => (known.has(id) ? [] : [`fal-ai/${id}`]));
  return [...models.aliases.keys(), ...offered, ...others];
}
