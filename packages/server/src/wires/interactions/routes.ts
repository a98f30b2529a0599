import { tolerate } from '@darkroom/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseInput, parseTolerantly } from '../../core/parse-input.ts';
import { dropBodies } from '../../http/drop-bodies.ts';
import type { Gates } from '../../http/gates.ts';
import { sendJson } from '../../http/json-answer.ts';
import { prefersAsync } from '../../http/prefer.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import { findModel } from '../find-model.ts';
import type { LongCalls, LongSubmission, StreamWords } from '../long-calls.ts';
import { toLongSubmission } from '../long-submission.ts';
import { readServiceTier } from '../service-tier.ts';
import type { WirePorts } from '../wire.ts';
import { bodyNames, type CreateBody, createBodySchema } from './create-body.ts';
import { toEndEvents, toErrorEvents, toStartEvents } from './events.ts';
import { querySchema } from './get-query.ts';
import { toInteraction } from './interaction.ts';
import { toSentInput } from './sent-input.ts';
import { toPayload } from './to-payload.ts';

export interface RoutesOptions extends Pick<WirePorts, 'intake' | 'models' | 'media' | 'publicUrl'> {
  readonly longCalls: LongCalls;
}

interface InteractionRoute {
  Params: { id: string };
}

export function registerInteractions(app: FastifyInstance, gates: Gates, options: RoutesOptions): void {
  const { intake, models, media, publicUrl, longCalls } = options;
  const places = () => ({ media, publicUrl: publicUrl() });
  const toWords = (seen: number): StreamWords => ({
    toStart: (request) => toStartEvents(request, seen),
    toEnd: (request) => toEndEvents(request, { ...places(), seen }),
    toError: toErrorEvents,
  });

  const onRequest = [gates.room, gates.open(), gates.rate];
  app.post('/', { onRequest, config: { hashesBody: true } }, async (call, reply) => {
    const body = parseInput(createBodySchema, tolerate(createBodySchema, call.body), '', bodyNames);
    const submission = toSubmission(call, body, findModel(models, body.model));
    if (body.stream) return longCalls.stream(call, reply, { submission, ...toWords(0) });
    return longCalls.answer(call, reply, {
      submission,
      toAnswer: (request) => ({ status: 200, body: toInteraction(request, places()) }),
      // Google's SDKs read no other status than 200, so the preference is answered as `background` is.
      ...((body.background || prefersAsync(call)) && { timeoutMs: 0 }),
    });
  });

  app.get<InteractionRoute>('/:id', { onRequest: gates.open(asksForStream) }, async (call, reply) => {
    const { stream, last_event_id: lastId, include_input: withInput } = parseTolerantly(querySchema, call.query, '');
    const request = await intake.find(call.caller, call.params.id);
    if (stream === 'true') {
      const seen = lastId === undefined ? 0 : Number(lastId) + 1;
      return longCalls.follow(call, reply, request, toWords(seen));
    }
    const input = withInput === 'true' && { input: toSentInput(request, places()) };
    return sendJson(reply, { status: 200, body: { ...toInteraction(request, places()), ...input } }, media);
  });

  app.register(async (scope) => {
    dropBodies(scope);

    scope.post<InteractionRoute>('/:id/cancel', async ({ caller, params }, reply) => {
      const body = toInteraction(await intake.cancel(caller, params.id), places());
      return sendJson(reply, { status: 200, body }, media);
    });

    scope.delete<InteractionRoute>('/:id', async ({ caller, params }, reply) => {
      await intake.withdraw(caller, params.id);
      return sendJson(reply, { status: 200, body: {} }, media);
    });
  });
}

function asksForStream({ query }: FastifyRequest): boolean {
  return querySchema.safeParse(tolerate(querySchema, query)).data?.stream === 'true';
}

function toSubmission(call: FastifyRequest, body: CreateBody, model: ModelSpec): LongSubmission {
  const [url] = body.webhook_config?.uris ?? [];
  const webhook = url === undefined ? undefined : { url };
  const payload = toPayload(body, model);
  const serviceTier = readServiceTier(body.service_tier);
  return toLongSubmission(call, { wire: 'interactions', model: model.id, payload, webhook, serviceTier });
}
