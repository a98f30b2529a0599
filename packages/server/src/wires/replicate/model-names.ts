import { createHash } from 'node:crypto';
import { createInputProblem } from '../../core/parse-input.ts';
import { describeRetirement } from '../../models/missing-model.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import { createModelProblem } from '../payload-names.ts';

/** A model as Replicate names it: `google/nano-banana-pro`. */
export interface NamedModel {
  readonly name: string;
  readonly model: ModelSpec;
  /** When the caller names none. */
  readonly resolution: string | undefined;
}

interface BuiltIn {
  readonly id: string;
  readonly resolution?: string;
}

/** Replicate's names of models, the ids that they have here, and the defaults that they have there. */
const builtIn: ReadonlyMap<string, BuiltIn> = new Map([
  ['google/nano-banana', { id: 'gemini-2.5-flash-image' }],
  ['google/nano-banana-pro', { id: 'gemini-3-pro-image', resolution: '2K' }],
  ['google/nano-banana-2', { id: 'gemini-3.1-flash-image', resolution: '1K' }],
  ['google/nano-banana-2.1', { id: 'gemini-nano-banana-2.1', resolution: '1K' }],
]);

/** Throws the `Problem` of a model that is not offered. The operator's aliases win. */
export function findNamed(name: string, models: ModelRegistry): NamedModel {
  const known = builtIn.get(name);
  const ids = [name, known?.id ?? '', name.replace(/^[^/]+\//, '')];
  const model = ids.map((id) => models.find(id)).find((found) => found !== undefined);
  if (!model) throw createModelProblem(name, listNames(models), describeRetirement(models, known?.id ?? name));
  return { name, model, resolution: known?.resolution };
}

function listNames(models: ModelRegistry): readonly string[] {
  const offered = [...builtIn].flatMap(([name, { id }]) => (models.find(id) ? [name] : []));
  const known = new Set([...builtIn.values()].map(({ id }) => id));
  const others = models.list().flatMap(({ id, provider }) => (known.has(id) ? [] : [`${provider}/${id}`]));
  return [...models.aliases.keys(), ...offered, ...others];
}

/** The id that the one version of a model has. */
export function toVersionId(name: string): string {
  return createHash('sha256').update(`version of ${name}`).digest('hex');
}

/** What a call says about its model: `owner/name`, `owner/name:version`, or the id of a version that this service has given out. */
export function readVersion(
  version: string,
  models: ModelRegistry,
): { readonly name: string; readonly version?: string } {
  const [, name, id] = /^([^/:]+\/[^/:]+)(?::(.+))?$/.exec(version) ?? [];
  if (name !== undefined) return { name, ...(id !== undefined && { version: id }) };
  const own = listNames(models).find((one) => toVersionId(one) === version);
  const known = own ?? (models.find(version) && version);
  if (known !== undefined) return { name: known, version };
  const message = `is not a model here; use one of ${listNames(models).join(', ')}`;
  throw createInputProblem([{ path: 'version', message }]);
}
