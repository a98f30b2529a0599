import { type SessionList, type SessionRecord, sessionQuerySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { parseTolerantly } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import { toBy } from '../../http/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import { toSeconds } from '../../platform/unix-time.ts';
import type { NamedSession, SessionStore } from '../../store/session-store.ts';

export interface SessionRoutesOptions {
  readonly sessions: Pick<SessionStore, 'list' | 'end'>;
  readonly clock: Clock;
}

/** The sessions of people in the console: the operator sees them, and ends them. */
export function registerSessionRoutes(app: FastifyInstance, { sessions, clock }: SessionRoutesOptions): void {
  app.get('/sessions', async ({ query }): Promise<SessionList> => {
    const { limit, cursor } = parseTolerantly(sessionQuerySchema, query, '');
    const page = await sessions.list({ limit: limit + 1, cursor });
    const shown = page.slice(0, limit);
    const last = page.length > limit ? shown.at(-1) : undefined;
    return {
      sessions: shown.map((session) => toSessionRecord(session, clock.now())),
      has_more: last !== undefined,
      ...(last && { next_cursor: last.id }),
    };
  });

  app.delete<{ Params: { id: string } }>('/sessions/:id', async ({ caller, params: { id } }, reply) => {
    const by = toBy(caller, clock);
    if (!(await sessions.end(id, 'revoked', { now: by.at, by }))) throw createMissing();
    return reply.code(204).send();
  });
}

function toSessionRecord(session: NamedSession, now: number): SessionRecord {
  const { id, apiKeyId, name, createdAt, lastSeenAt, endsAt, address, browser } = session;
  return {
    id,
    api_key_id: apiKeyId,
    name,
    created_at: toSeconds(createdAt),
    last_seen_at: toSeconds(lastSeenAt),
    ends_at: toSeconds(endsAt),
    is_active: now < endsAt,
    address,
    browser,
  };
}

function createMissing(): Problem {
  return new Problem(
    'not_found',
    'There is no active session with this id. GET /api/v1/admin/sessions lists the sessions.',
  );
}
