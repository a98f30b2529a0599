import { type KeyList, keyBodySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { defaultOrganizationId } from '../../core/organization.ts';
import { createInputProblem, parseInput } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import { makeApiKey } from '../../keys/api-keys.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { Clock } from '../../platform/clock.ts';
import type { KeyStore } from '../../store/key-store.ts';
import { toKeyRecord, toNewKeyRecord } from '../records/keys.ts';

export interface KeyRoutesOptions {
  readonly keys: KeyStore;
  readonly models: ModelRegistry;
  readonly clock: Clock;
}

interface OneRoute {
  Params: { id: string };
}

/** The API keys. A key's text is in the answer that creates it, and nowhere else. */
export function registerKeyRoutes(app: FastifyInstance, { keys, models, clock }: KeyRoutesOptions): void {
  app.get('/keys', async (): Promise<KeyList> => ({ keys: (await keys.list()).map(toKeyRecord) }));

  app.post('/keys', async ({ body }, reply) => {
    const given = parseInput(keyBodySchema, body, '');
    const { name, organization_ids, is_admin: isAdmin, requests_per_minute, cancel_when_gone: cancelWhenGone } = given;
    const [first = defaultOrganizationId, ...others] = new Set(organization_ids);
    const { text, row } = makeApiKey({
      name,
      organizationIds: [first, ...others],
      ...(isAdmin !== undefined && { isAdmin }),
      ...(requests_per_minute !== undefined && { requestsPerMinute: requests_per_minute }),
      ...(cancelWhenGone !== undefined && { cancelWhenGone }),
      ...(given.model_ids && { modelIds: toModelIds(given.model_ids, models) }),
      now: clock.now(),
    });
    await keys.create(row);
    return reply.code(201).send(toNewKeyRecord(row, text));
  });

  app.delete<OneRoute>('/keys/:id', async ({ caller, params: { id } }, reply) => {
    if (id === caller.apiKeyId) throw createInputProblem([{ path: 'id', message: ownKeyRule }]);
    if (!(await keys.revoke(id, clock.now()))) throw createMissing();
    return reply.code(204).send();
  });
}

/** Throws the `Problem` of names that no model has. */
function toModelIds(names: readonly string[], models: ModelRegistry): readonly string[] {
  const known = models.all().map(({ id }) => id);
  const message = `must be one of the models: ${known.join(', ')}`;
  const wrong = names.flatMap((name, index) => (models.find(name) ? [] : [{ path: `model_ids[${index}]`, message }]));
  if (wrong.length > 0) throw createInputProblem(wrong);
  return [...new Set(names.flatMap((name) => models.find(name)?.id ?? []))];
}

/** One call must not lock its own caller out. */
const ownKeyRule = 'is the key that this call is made with: revoke it with another admin key';

function createMissing(): Problem {
  return new Problem('not_found', 'There is no active key with this id. GET /api/v1/admin/keys lists all keys.');
}
