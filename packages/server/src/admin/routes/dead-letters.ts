import { Readable } from 'node:stream';
import { failedQuerySchema, type RequeueReply, requeueBodySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { type FailureCode, failureKinds } from '../../core/failures.ts';
import type { Notifier } from '../../events/notifier.ts';
import { createInputProblem, parseInput, parseTolerantly } from '../../http/validation.ts';
import type { Clock } from '../../platform/clock.ts';
import type { FailedQuery, RequestStore } from '../../store/request-store.ts';
import { openList, toListJson } from '../../wires/queue/records/record-list.ts';
import type { WireContext } from '../../wires/queue/records/wire.ts';

export interface DeadLetterRoutesOptions extends Pick<WireContext, 'media' | 'placeOf'> {
  readonly store: RequestStore;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly publicUrl: () => string;
}

type FailedFilter = Pick<FailedQuery, 'code' | 'organizationId'>;

/** So many requests are queued again in one transaction. */
const passSize = 100;

/** The operator's hand on requests that have failed: to look at them, and to queue them again. */
export function registerDeadLetterRoutes(app: FastifyInstance, options: DeadLetterRoutesOptions): void {
  const { store, notifier, clock, media, placeOf, publicUrl } = options;

  app.get('/failed', async (request, reply) => {
    const query = parseTolerantly(failedQuerySchema, request.query, '');
    const filter = toFilter(query);
    const list = await openList({
      limit: query.limit,
      isSearch: false,
      read: (limit, cursor = query.cursor) =>
        store.listFailed({ ...filter, limit, ...(cursor !== undefined && { cursor }) }),
    });
    const context = { publicUrl: publicUrl(), media, placeOf, facts: {} };
    return reply.type('application/json; charset=utf-8').send(Readable.from(toListJson(list, context)));
  });

  app.post('/requeue', async (request): Promise<RequeueReply> => {
    const body = parseInput(requeueBodySchema, request.body, '');
    const { request_ids: ids } = body;
    const reply = ids
      ? await requeueThese(new Set(ids), { store, now: clock.now() })
      : { requeued: await requeueFailed(toFilter(body), { store, now: clock.now() }) };
    notifier.hintQueued();
    return reply;
  });
}

interface Requeuing {
  readonly store: RequestStore;
  readonly now: number;
}

async function requeueThese(ids: ReadonlySet<string>, { store, now }: Requeuing): Promise<RequeueReply> {
  const queued = new Set((await store.requeue([...ids], now)).map(({ id }) => id));
  return { requeued: queued.size, skipped: [...ids].filter((id) => !queued.has(id)) };
}

/** One pass from the newest to the oldest. What fails while it goes on, perhaps again, stays: nothing goes round for ever. */
async function requeueFailed(filter: FailedFilter, { store, now }: Requeuing): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  for (;;) {
    const page = await store.listFailed({ ...filter, limit: passSize, ...(cursor !== undefined && { cursor }) });
    const ids = page.requests.filter(({ updatedAt }) => updatedAt <= now).map(({ id }) => id);
    if (ids.length > 0) count += (await store.requeue(ids, now)).length;
    cursor = page.nextCursor;
    if (cursor === undefined) return count;
  }
}

interface GivenFilter {
  readonly code?: string | undefined;
  readonly organization_id?: string | undefined;
}

function toFilter({ code, organization_id: organizationId }: GivenFilter): FailedFilter {
  return {
    ...(code !== undefined && { code: parseFailureCode(code) }),
    ...(organizationId !== undefined && { organizationId }),
  };
}

function parseFailureCode(code: string): FailureCode {
  if (Object.hasOwn(failureKinds, code)) return code as FailureCode; // a key of the table, as was looked up
  const known = Object.keys(failureKinds).join(', ');
  throw createInputProblem([{ path: 'code', message: `is not the code of a failure; there are ${known}` }]);
}
