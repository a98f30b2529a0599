import type { ModelRegistry } from '../../models/registry.ts';

/** The name of the model of a call: the first one of the service when the caller chose none. */
export function toModelName(chosen: string | undefined, models: ModelRegistry): string {
  return chosen ?? models.list()[0]?.id ?? '';
}
