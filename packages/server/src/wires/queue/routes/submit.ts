import { idempotencyKeySchema, type Payload, submitBodySchema } from '@darkroom/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findMediaNames, toConversation } from '../../../core/conversation.ts';
import type { Names } from '../../../core/names.ts';
import type { RequestWebhook } from '../../../core/webhooks.ts';
import type { Notifier } from '../../../events/notifier.ts';
import { findInJson } from '../../../http/body/json-places.ts';
import { countWaits, type OpenCalls } from '../../../http/open-calls.ts';
import { refuseWhenShort } from '../../../http/overload.ts';
import { Problem } from '../../../http/problem.ts';
import { limitRate } from '../../../http/rate-limit.ts';
import { createInputProblem, formatPath, parseInput, parseTolerantly } from '../../../http/validation.ts';
import { type InlineContext, storeInlinePictures } from '../../../intake/inline-pictures.ts';
import { findHistory } from '../../../intake/previous-conversation.ts';
import { toRequestWebhook } from '../../../intake/webhook-choice.ts';
import type { ModelSpec } from '../../../models/model-spec.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import type { TargetRules } from '../../../outbound/fetch-target.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { DiskShares } from '../../../platform/disk-shares.ts';
import type { Headroom } from '../../../platform/headroom.ts';
import { createRequestId } from '../../../platform/ids.ts';
import type { Idempotency, NewRequest, RequestStore, SubmitResult } from '../../../store/request-store.ts';
import type { RecordSender } from '../records/record-sender.ts';
import { createConflict, toSubmitted } from '../records/submit-results.ts';
import { toSubmitReply } from '../records/wire.ts';

export interface SubmitRouteOptions extends InlineContext {
  readonly store: RequestStore;
  readonly models: ModelRegistry;
  readonly notifier: Notifier;
  readonly records: RecordSender;
  readonly openCalls: OpenCalls;
  readonly headroom: Headroom & DiskShares;
  /** How many requests an organization may have queued. */
  readonly maxQueued: number;
  readonly requestsPerMinute: number | undefined;
  /** Where webhooks may go. */
  readonly webhookRules: TargetRules;
  readonly clock: Clock;
}

/** `POST …/requests`. The order of the checks is the wire's: an unknown model is 404, whatever its payload. */
export function registerSubmitRoute(app: FastifyInstance, options: SubmitRouteOptions): void {
  const { store, models, notifier, records, openCalls, headroom, clock } = options;
  const onRequest = [refuseWhenShort(headroom), countWaits(openCalls), limitRate(options)];

  /** The reply at once or, to a caller who prefers to wait, the record. */
  const answer = async (request: FastifyRequest, reply: FastifyReply, { kind, request: kept }: Submitted) => {
    request.dropBody();
    if (kind === 'replayed') reply.header('idempotent-replayed', 'true');
    const waited = await records.waitAsPreferred(request, reply, kept.id);
    if (waited) return records.send(reply, waited);
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(toSubmitReply(kept)));
  };

  app.post('/requests', { onRequest }, async (request, reply) => {
    const body = parseTolerantly(submitBodySchema, request.body, '', bodyNames);
    const model = models.find(body.model);
    if (!model) throw new Problem('model_not_found', 'Model not found');
    const payload = parsePayload(model, body.payload);
    const webhook = toRequestWebhook(body, options.webhookRules);
    const idempotency = toIdempotency(request);
    const { organizationId } = request.caller;
    // Before anything is stored for it: a submit that is sent again brings its pictures again.
    const before = idempotency && (await store.replay(organizationId, idempotency, clock.now()));
    if (before?.kind === 'conflict') throw createConflict();
    if (before) return answer(request, reply, before);
    const sent = takePayload(request);
    const submission = { body, model, payload, sent, webhook, idempotency, caller: request.caller };
    const submitted = toSubmitted(await submit(submission, options));
    if (submitted.kind === 'submitted') notifier.hintQueued();
    return answer(request, reply, submitted);
  });
}

/** What is in the payload depends on the model. */
const bodyNames: Names = { keys: Object.keys(submitBodySchema.shape).filter((key) => key !== 'payload') };

/** Throws the `Problem` of a payload that the model does not take. */
function parsePayload(model: ModelSpec, given: unknown): Payload {
  const parsed = model.parse(given);
  if (parsed.kind === 'parsed') return parsed.payload;
  throw createInputProblem(parsed.issues.map(({ path, message }) => ({ path: formatPath('payload', path), message })));
}

type Submitted = Extract<SubmitResult, { readonly kind: 'submitted' | 'replayed' }>;

interface Submission {
  readonly body: ReturnType<typeof submitBodySchema.parse>;
  readonly model: ModelSpec;
  readonly payload: Payload;
  /** The payload's JSON text. */
  readonly sent: string;
  readonly webhook: RequestWebhook | undefined;
  readonly idempotency: Idempotency | undefined;
  readonly caller: FastifyRequest['caller'];
}

/** Stores the inline pictures and the row; when the row is not kept, nor are the pictures. */
async function submit(submission: Submission, options: SubmitRouteOptions): Promise<SubmitResult> {
  const { model, sent, payload, caller } = submission;
  const history = await findHistory(options.store, payload, caller.organizationId);
  const id = createRequestId();
  const stored = await storeInlinePictures(sent, payload, {
    ...options,
    requestId: id,
    apiKeyId: caller.apiKeyId,
  });
  let isKept = false;
  try {
    const order = model.toOrder(stored.checked, history);
    // What the turns before refer to was used by their requests.
    const uploads = findMediaNames(toConversation(stored.checked));
    const result = await options.store.submit(toNewRequest(submission, { ...stored, id, order, uploads }, options));
    isKept = result.kind === 'submitted';
    return result;
  } finally {
    await stored.release(isKept);
  }
}

function toNewRequest(
  { body, model, webhook, idempotency, caller }: Submission,
  {
    id,
    order,
    payload,
    inline,
    uploads,
  }: Required<Pick<NewRequest, 'id' | 'order' | 'payload' | 'inline' | 'uploads'>>,
  { clock, maxQueued }: SubmitRouteOptions,
): NewRequest {
  const now = clock.now();
  return {
    id,
    organizationId: caller.organizationId,
    apiKeyId: caller.apiKeyId,
    model: model.id,
    payload,
    inline,
    uploads,
    order,
    priority: body.priority,
    estimatedCostMicros: model.price(order),
    createdAt: now,
    deadlineAt: now + body.deadline_seconds * 1_000,
    maxQueued,
    ...(webhook && { webhook }),
    ...(idempotency && { idempotency }),
  };
}

/** As it came: a payload that was parsed has lost the order of its keys, and what its numbers were exactly. */
function takePayload({ sentJson }: FastifyRequest): string {
  const text = sentJson?.text ?? '';
  const [place] = findInJson(text, [['payload']]);
  return text.slice(place?.start, place?.end);
}

function toIdempotency({ headers, sentJson }: FastifyRequest): Idempotency | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  const key = parseInput(idempotencyKeySchema, given, 'Idempotency-Key');
  return { key, bodyHash: sentJson?.hash ?? '' };
}
