import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isEnded } from '../../../core/lifecycle.ts';
import type { Gates } from '../../../http/gates.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import type { LongCalls, LongSubmission } from '../../long-calls.ts';
import { toLongSubmission } from '../../long-submission.ts';
import { type CreateBody, readCreateBody, readVersionedBody } from '../create-body.ts';
import { readInput } from '../input.ts';
import { findNamed } from '../model-names.ts';
import type { ReadPrediction } from '../prediction-reader.ts';
import { toWaitMs } from '../prefer-wait.ts';
import { toWebhookWish } from '../webhook-wish.ts';

export interface CreateRoutesOptions {
  readonly models: ModelRegistry;
  readonly calls: LongCalls;
  readonly readPrediction: ReadPrediction;
}

interface ModelRoute {
  Params: { owner: string; name: string };
}

/** Creates predictions, and waits for their end as the caller prefers. */
export function registerCreateRoutes(app: FastifyInstance, gates: Gates, options: CreateRoutesOptions): void {
  const { models, calls, readPrediction } = options;
  const onRequest = [gates.room, gates.open((call) => toWaitMs(call) > 0), gates.rate];
  const config = { hashesBody: true };

  app.post('/predictions', { config, onRequest }, async (call, reply) =>
    create(call, reply, readVersionedBody(call.body, models)),
  );

  app.post<ModelRoute>('/models/:owner/:name/predictions', { config, onRequest }, async (call, reply) =>
    create(call, reply, readCreateBody(call.body, `${call.params.owner}/${call.params.name}`)),
  );

  const create = (call: FastifyRequest, reply: FastifyReply, body: CreateBody) =>
    calls.answer(call, reply, {
      submission: toSubmission(call, body, models),
      timeoutMs: toWaitMs(call),
      toAnswer: async (request) => {
        const prediction = await readPrediction(request);
        // Clients that have waited in vain go on to poll only while it starts.
        return { status: 201, body: isEnded(request.status) ? prediction : { ...prediction, status: 'starting' } };
      },
    });
}

function toSubmission(call: FastifyRequest, body: CreateBody, models: ModelRegistry): LongSubmission {
  const { name, version, input, webhook, webhook_events_filter: filter } = body;
  const named = findNamed(name, models);
  return toLongSubmission(call, {
    wire: 'replicate',
    model: named.model.id,
    payload: readInput(input, { ...named, version }),
    webhook: toWebhookWish(webhook, filter),
  });
}
