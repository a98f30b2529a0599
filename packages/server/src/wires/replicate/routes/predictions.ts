import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import { createInputProblem, parseTolerantly } from '../../../core/parse-input.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import type { Gates } from '../../../http/gates.ts';
import type { RequestStore } from '../../../store/request-store.ts';
import type { LongCalls } from '../../long-calls.ts';
import type { WirePorts } from '../../wire.ts';
import { readInput } from '../input.ts';
import { findNamed, readVersion } from '../model-names.ts';
import { toPrediction, toStarting } from '../prediction.ts';
import { toWaitMs } from '../prefer-wait.ts';
import { toWebhookWish, webhookEventNames } from '../webhook-wish.ts';

export type PredictionRoutesOptions = Pick<WirePorts, 'intake' | 'models' | 'media' | 'publicUrl'> & {
  readonly store: Pick<RequestStore, 'list' | 'attempts'>;
  readonly calls: LongCalls;
};

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

interface OneRoute {
  Params: { id: string };
}

interface ListRoute {
  Querystring: { cursor?: string };
}

interface ModelRoute {
  Params: { owner: string; name: string };
}

const deadlineSeconds = 3_600;
const pageSize = 100;

/** Predictions are requests: they are made, read, listed and cancelled. */
export function registerPredictionRoutes(app: FastifyInstance, gates: Gates, options: PredictionRoutesOptions): void {
  const { calls, intake, store, models, media, publicUrl } = options;
  const onRequest = [gates.room, gates.open((call) => toWaitMs(call) > 0), gates.rate];
  const config = { hashesBody: true };

  const toFacts = async ({ organizationId, id, attempt }: ImageRequest) => {
    const attempts = attempt > 0 ? await store.attempts(organizationId, id) : [];
    return { media, publicUrl: publicUrl(), attempts };
  };
  const describe = async (request: ImageRequest) => toPrediction(request, await toFacts(request));

  app.post('/predictions', { config, onRequest }, async (call, reply) => {
    const body = parseTolerantly(createSchema, call.body, '', names);
    const reference = body.version ?? body.model;
    if (reference === undefined) throw createInputProblem([{ path: 'version', message: 'is missing' }]);
    return create(call, reply, { ...body, ...readVersion(reference, models) });
  });

  app.post<ModelRoute>('/models/:owner/:name/predictions', { config, onRequest }, async (call, reply) => {
    const { version: _version, ...body } = parseTolerantly(createSchema, call.body, '', names);
    return create(call, reply, { ...body, name: `${call.params.owner}/${call.params.name}` });
  });

  const create = (call: FastifyRequest, reply: FastifyReply, order: PredictionOrder) => {
    const { caller, headers, sentJson } = call;
    const named = findNamed(order.name, models);
    const payload = readInput(order.input, { ...named, version: order.version });
    const key = headers['idempotency-key'];
    const submission = {
      caller,
      model: named.model.id,
      payload,
      payloadText: () => JSON.stringify(payload),
      priority: 0,
      deadlineSeconds,
      webhook: toWebhookWish(order.webhook, order.webhook_events_filter),
      idempotency: key === undefined ? undefined : { key: String(key), bodyHash: sentJson?.hash ?? '' },
      wire: 'replicate',
      limits: 'model' as const,
    };
    return calls.answer(call, reply, {
      submission,
      timeoutMs: toWaitMs(call),
      toAnswer: async (request) => {
        const facts = await toFacts(request);
        const body = isEnded(request.status) ? toPrediction(request, facts) : toStarting(request, facts);
        return { status: 201, body };
      },
    });
  };

  app.get<OneRoute>('/predictions/:id', async ({ caller, params }) => describe(await intake.find(caller, params.id)));

  app.get<ListRoute>('/predictions', async ({ caller, query: { cursor } }) => {
    const { organizationId } = caller;
    const page = await store.list({ organizationId, limit: pageSize, ...(cursor !== undefined && { cursor }) });
    const next = page.nextCursor;
    return {
      previous: null,
      next: next === undefined ? null : `${publicUrl()}/v1/predictions?cursor=${encodeURIComponent(next)}`,
      results: await Promise.all(page.requests.map(describe)),
    };
  });

  app.register(async (scope) => {
    dropBodies(scope);
    scope.post<OneRoute>('/predictions/:id/cancel', async ({ caller, params }) =>
      describe(await intake.cancel(caller, params.id)),
    );
  });
}

interface PredictionOrder extends Pick<z.output<typeof createSchema>, 'input' | 'webhook' | 'webhook_events_filter'> {
  readonly name: string;
  readonly version?: string | undefined;
}

const names = { keys: ['version', 'model', 'webhook'] };
