import { z } from 'zod';
import { createInputProblem, parseTolerantly } from '../../core/parse-input.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import { readVersion } from './model-names.ts';
import { webhookEventNames } from './webhook-wish.ts';

export const createSchema = z.looseObject(
  {
    version: z.string({ error: 'must be owner/name, or the id of a version' }).optional(),
    model: z.string({ error: 'must be owner/name' }).optional(),
    input: z.looseObject({}, { error: 'must be an object with the inputs of the model' }),
    webhook: z.string({ error: 'must be an address' }).optional(),
    webhook_events_filter: z
      .array(z.enum(webhookEventNames), { error: `must be a list of ${webhookEventNames.join(', ')}` })
      .optional(),
  },
  { error: 'must be an object {"version", "input"}' },
);

/** What a call that creates a prediction says. */
export interface CreateBody extends Pick<z.output<typeof createSchema>, 'input' | 'webhook' | 'webhook_events_filter'> {
  /** `owner/name`. */
  readonly name: string;
  readonly version?: string | undefined;
}

const names = { keys: ['version', 'model', 'webhook'] };

/** The body of a call whose address names the model. */
export function readCreateBody(given: unknown, name: string): CreateBody {
  const { version: _version, ...body } = parseTolerantly(createSchema, given, '', names);
  return { ...body, name };
}

/** The body of a call that names its model by a version. */
export function readVersionedBody(given: unknown, models: ModelRegistry): CreateBody {
  const { version: id, ...body } = parseTolerantly(createSchema, given, '', names);
  const version = id ?? body.model;
  if (version === undefined) throw createInputProblem([{ path: 'version', message: 'is missing' }]);
  return { ...body, ...readVersion(version, models) };
}
