import {
  defaultGraceSeconds,
  type KeyList,
  type KeyRecord,
  keyBodySchema,
  keyChangeSchema,
  keyRotationSchema,
  type Scope,
} from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { changeLimits, type Limits } from '../../core/limits.ts';
import { defaultOrganizationId } from '../../core/organization.ts';
import { createInputProblem, parseInput } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import { toBy } from '../../http/auth.ts';
import { makeApiKey, type NewKey, rotateApiKey } from '../../keys/api-keys.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { Clock } from '../../platform/clock.ts';
import { toMsOrUndefined } from '../../platform/unix-time.ts';
import type { KeyChange, KeyStore } from '../../store/key-store.ts';
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

  app.post('/keys', async ({ body, caller }, reply) => {
    const given = parseInput(keyBodySchema, body, '');
    const { text, row } = makeApiKey({ ...toNewKey(given, models), now: clock.now() });
    await keys.create(row, toBy(caller, clock));
    return reply.code(201).send(toNewKeyRecord(row, text));
  });

  app.patch<OneRoute>('/keys/:id', async ({ body, caller, params: { id } }): Promise<KeyRecord> => {
    const given = parseInput(keyChangeSchema, body, '');
    if (id === caller.apiKeyId && given.scopes && !given.scopes.includes('admin'))
      throw createInputProblem([{ path: 'scopes', message: ownScopeRule }]);
    const key = await keys.find(id);
    if (key?.person && given.scopes && !areSame(given.scopes, key.scopes))
      throw createInputProblem([{ path: 'scopes', message: personRule }]);
    const change = key && toKeyChange(given, { models, limits: key.limits });
    const changed = change && (await keys.change(id, change, toBy(caller, clock)));
    if (!changed) throw createMissing();
    return toKeyRecord(changed);
  });

  app.post<OneRoute>('/keys/:id/rotate', async ({ body, caller, params: { id } }, reply) => {
    const { grace_seconds: seconds = defaultGraceSeconds } = parseInput(keyRotationSchema, body, '');
    if ((await keys.find(id))?.person) throw createInputProblem([{ path: 'id', message: personTextRule }]);
    const by = toBy(caller, clock);
    const rotated = await rotateApiKey(keys, id, { graceMs: seconds * 1_000, now: by.at, by });
    if (!rotated) throw createMissing();
    return reply.code(201).send(toNewKeyRecord(rotated.key, rotated.text));
  });

  app.delete<OneRoute>('/keys/:id', async ({ caller, params: { id } }, reply) => {
    if (id === caller.apiKeyId) throw createInputProblem([{ path: 'id', message: ownKeyRule }]);
    if (!(await keys.revoke(id, clock.now(), toBy(caller, clock)))) throw createMissing();
    return reply.code(204).send();
  });
}

function toNewKey(given: z.output<typeof keyBodySchema>, models: ModelRegistry): Omit<NewKey, 'now'> {
  const { name, scopes, is_admin: isAdmin, requests_per_minute: perMinute, expires_at: expiresAt } = given;
  const { cancel_when_gone: cancelWhenGone } = given;
  const [first = defaultOrganizationId, ...others] = new Set(given.organization_ids);
  const asked = { ...(perMinute !== undefined && { requests_per_minute: perMinute }), ...given.limits };
  return {
    name,
    organizationIds: [first, ...others],
    limits: changeLimits({}, asked),
    ...(scopes && { scopes: [...new Set(scopes)] }),
    ...(isAdmin !== undefined && { isAdmin }),
    ...(cancelWhenGone !== undefined && { cancelWhenGone }),
    modelIds: toModelIds(given.model_ids ?? undefined, models),
    expiresAt: toMsOrUndefined(expiresAt),
  };
}

function toKeyChange(
  given: z.output<typeof keyChangeSchema>,
  { models, limits }: { readonly models: ModelRegistry; readonly limits: Limits },
): KeyChange {
  const { name, scopes, expires_at: expiresAt, model_ids: modelIds } = given;
  return {
    ...(name !== undefined && { name }),
    ...(scopes && { scopes: [...new Set(scopes)] }),
    ...(expiresAt !== undefined && { expiresAt: toMsOrUndefined(expiresAt) }),
    ...(modelIds !== undefined && { modelIds: toModelIds(modelIds ?? undefined, models) }),
    ...(given.limits && { limits: changeLimits(limits, given.limits) }),
  };
}

/** Throws the `Problem` of names that no model has. */
function toModelIds(names: readonly string[] | undefined, models: ModelRegistry): readonly string[] | undefined {
  if (!names) return undefined;
  const known = models.all().map(({ id }) => id);
  const message = `must be one of the models: ${known.join(', ')}`;
  const wrong = names.flatMap((name, index) => (models.find(name) ? [] : [{ path: `model_ids[${index}]`, message }]));
  if (wrong.length > 0) throw createInputProblem(wrong);
  return [...new Set(names.flatMap((name) => models.find(name)?.id ?? []))];
}

/** One call must not lock its own caller out. */
const ownKeyRule = 'is the key that this call is made with: revoke it with another admin key';

const ownScopeRule = 'must include admin: this call is made with the key itself, which would lock itself out';

function areSame(some: readonly Scope[], others: readonly Scope[]): boolean {
  return new Set(some).symmetricDifference(new Set(others)).size === 0;
}

/** What a person may do follows from the groups at the provider, at each sign-in. */
const personRule = 'cannot be set for a person: the groups of the person give them (DARKROOM_OIDC_GROUPS)';

const personTextRule = 'is a person, who signs in without a text: create a key instead';

function createMissing(): Problem {
  return new Problem('not_found', 'There is no active key with this id. GET /api/v1/admin/keys lists all keys.');
}
