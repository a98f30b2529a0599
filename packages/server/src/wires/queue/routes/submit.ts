import { submitBodySchema } from '@darkroom/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Names } from '../../../core/names.ts';
import { parseTolerantly } from '../../../core/parse-input.ts';
import type { Gates } from '../../../http/gates.ts';
import { prefersToWait } from '../../../http/prefer.ts';
import type { Intake } from '../../../intake/intake.ts';
import type { Submission } from '../../../intake/submit.ts';
import type { Submitted } from '../../../intake/submit-results.ts';
import { findInJson } from '../../../platform/json-places.ts';
import { readIdempotency } from '../../idempotency.ts';
import type { RecordSender } from '../records/record-sender.ts';
import { toSubmitReply } from '../records/request-record.ts';

export interface SubmitRouteOptions {
  readonly intake: Pick<Intake, 'submit'>;
  readonly records: Pick<RecordSender, 'send' | 'waitAsPreferred'>;
}

/** `POST …/requests`. */
export function registerSubmitRoute(app: FastifyInstance, gates: Gates, { intake, records }: SubmitRouteOptions): void {
  const onRequest = [gates.room, gates.open(prefersToWait), gates.rate];

  app.post('/requests', { onRequest }, async (request, reply) => {
    const submitted = await intake.submit(toSubmission(request));
    request.dropBody();
    return answer(request, reply, submitted);
  });

  /** The reply at once or, for a caller who prefers to wait, the record. */
  const answer = async (call: FastifyRequest, reply: FastifyReply, { request, isReplayed }: Submitted) => {
    if (isReplayed) reply.header('idempotent-replayed', 'true');
    const waited = await records.waitAsPreferred(call, reply, request.id);
    if (waited) return records.send(reply, waited);
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(toSubmitReply(request)));
  };
}

/** What the payload holds depends on the model. */
const bodyNames: Names = { keys: Object.keys(submitBodySchema.shape).filter((key) => key !== 'payload') };

function toSubmission(request: FastifyRequest): Submission {
  const body = parseTolerantly(submitBodySchema, request.body, '', bodyNames);
  const { model, payload, priority, deadline_seconds, fallback, service_tier, webhook_url, webhook_events } = body;
  const { retain_seconds } = body;
  return {
    caller: request.caller,
    model,
    payload,
    payloadText: () => takePayload(request),
    priority,
    ...(deadline_seconds !== undefined && { deadlineSeconds: deadline_seconds }),
    retainSeconds: retain_seconds,
    allowsStandIn: fallback,
    webhook: { url: webhook_url, events: webhook_events },
    idempotency: readIdempotency(request),
    wire: 'queue',
    limits: 'contract',
    serviceTier: service_tier,
  };
}

function takePayload({ sentJson }: FastifyRequest): string {
  const text = sentJson?.text ?? '';
  const [place] = findInJson(text, [['payload']]);
  return text.slice(place?.start, place?.end);
}
