import type { ImageRequest } from '../../core/image-request.ts';
import type { WebhookDelivery } from '../../core/webhooks.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Claim, NewRequest } from '../../store/request-store.ts';
import { type Catalogue, genAiOperation, toErrorType, toGenAiFacts } from '../gen-ai.ts';
import type { ObservedAttempt, ObservedCall, Observer } from '../observer.ts';
import type { FinishedSpan } from './finished-span.ts';
import { createPlace, type TracePlace, toPlace, toSpanId, toTraceparent } from './trace-place.ts';

interface TraceObserverOptions {
  readonly catalogue: Catalogue;
  readonly onSpan: (span: FinishedSpan) => void;
  readonly clock: Pick<Clock, 'now'>;
}

export interface RequestTracer {
  readonly observer: Partial<Observer>;
  /** The request with the place of its submit, which is a span under the caller's. */
  traceSubmit(request: NewRequest): NewRequest;
  /** The header for the receiver of a webhook: its work belongs under the try. */
  traceTry(request: ImageRequest, delivery: WebhookDelivery): string | undefined;
}

/**
 * The trace of a request, from its submit over its attempts and their calls to its webhooks. Spans are made when they are over, from what
 * the rows say: nothing is carried through the process, and ids follow from facts, so a trace goes on in another process and after a
 * restart. A span of a process that was killed is missing; those after it are under the submit all the same.
 *
 * The messaging conventions link a consumer to the creation of its message, and allow the creation as parent too, when there is one
 * message: attempts do both, so the request is one trace.
 * https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#trace-structure
 */
export function createRequestTracer({ catalogue, onSpan, clock }: TraceObserverOptions): RequestTracer {
  /** The tries under way, by their delivery: a delivery does not know the place of its request. */
  const tries = new Map<string, { readonly request: ImageRequest; readonly startedAt: number }>();
  /** Spans of requests that have a place in a recorded trace. */
  const add = (traceparent: string | undefined, toSpan: (submit: TracePlace) => FinishedSpan): void => {
    if (traceparent === undefined) return;
    const submit = toPlace(traceparent);
    if (submit.isSampled) onSpan(toSpan(submit));
  };
  return {
    traceSubmit: (request) => {
      const parent = request.traceparent === undefined ? undefined : toPlace(request.traceparent);
      return { ...request, traceparent: toTraceparent(createPlace(parent)) };
    },
    traceTry: (request, delivery) => {
      if (request.traceparent === undefined) return undefined;
      tries.set(delivery.id, { request, startedAt: clock.now() });
      return toTraceparent({ ...toPlace(request.traceparent), spanId: toTryId(delivery) });
    },
    observer: {
      submitted: (request, given) =>
        add(request.traceparent, (submit) => toSubmitSpan(submit, request, { given, endedAt: clock.now() })),
      claimed: (claim, now) => add(claim.request.traceparent, (submit) => toWaitSpan(submit, claim, now)),
      callEnded: (call) => {
        const { sentAt } = call;
        if (sentAt === undefined) return;
        add(call.claim.request.traceparent, (submit) => toCallSpan(submit, { ...call, sentAt }, catalogue));
      },
      attemptEnded: (attempt) => add(attempt.claim.request.traceparent, (submit) => toAttemptSpan(submit, attempt)),
      tryEnded: (delivery, { kind, tried }) => {
        const known = tries.get(delivery.id);
        tries.delete(delivery.id);
        if (!known) return;
        const { request, startedAt } = known;
        add(request.traceparent, (submit) => ({
          ...toChild(submit, toTryId(delivery)),
          name: `deliver ${delivery.event}`,
          kind: 'client',
          startedAt,
          endedAt: tried.at,
          attributes: {
            'http.request.method': 'POST',
            'server.address': toHost(delivery.url),
            'darkroom.request.id': delivery.requestId,
            'darkroom.webhook.id': delivery.id,
            'darkroom.webhook.outcome': kind,
            ...(tried.httpStatus !== undefined && { 'http.response.status_code': tried.httpStatus }),
          },
          errorType: kind === 'delivered' ? undefined : String(tried.httpStatus ?? '_OTHER'),
        }));
      },
    },
  };
}

/** Under the submit. */
function toChild(submit: TracePlace, spanId: string) {
  return {
    place: { ...submit, spanId },
    parent: { spanId: submit.spanId, isRemote: true },
    links: [] as readonly string[],
  };
}

function toSubmitSpan(
  place: TracePlace,
  request: ImageRequest,
  { given, endedAt }: { readonly given: NewRequest; readonly endedAt: number },
): FinishedSpan {
  const caller = given.traceparent === undefined ? undefined : toPlace(given.traceparent);
  return {
    place,
    parent: caller && { spanId: caller.spanId, isRemote: true },
    name: `submit ${request.model}`,
    kind: 'producer',
    startedAt: request.createdAt,
    endedAt,
    attributes: {
      ...toMessaging(request, 'submit'),
      'messaging.operation.type': 'send',
      'darkroom.wire': request.wire,
    },
    links: [],
    errorType: undefined,
  };
}

function toWaitSpan(submit: TracePlace, { request, lease, attempts }: Claim, now: number): FinishedSpan {
  const before = attempts.flatMap(({ endedAt }) => endedAt ?? []);
  return {
    ...toChild(submit, toSpanId('wait', request.id, lease.attempt)),
    name: `wait ${request.model}`,
    kind: 'internal',
    startedAt: Math.min(now, Math.max(request.queuedAt, ...before)),
    endedAt: now,
    attributes: { 'darkroom.request.id': request.id, 'darkroom.attempt': lease.attempt },
    errorType: undefined,
  };
}

function toAttemptSpan(submit: TracePlace, { claim, claimedAt, endedAt, verdict }: ObservedAttempt): FinishedSpan {
  const { request, lease } = claim;
  const before = lease.attempt > 1 ? [toAttemptId(request.id, lease.attempt - 1)] : [];
  const errorType =
    verdict.kind === 'fail' ? verdict.outcome.failure.code : verdict.kind === 'retry' ? verdict.code : undefined;
  return {
    ...toChild(submit, toAttemptId(request.id, lease.attempt)),
    name: `process ${request.model}`,
    kind: 'consumer',
    startedAt: claimedAt,
    endedAt,
    attributes: {
      ...toMessaging(request, 'process'),
      'messaging.operation.type': 'process',
      'darkroom.attempt': lease.attempt,
      'darkroom.verdict': verdict.kind,
      'darkroom.upstream': claim.upstream,
    },
    links: [submit.spanId, ...before],
    errorType,
  };
}

type SentCall = ObservedCall & { readonly sentAt: number };

/** Neither prompts nor pictures are in it. */
function toCallSpan(submit: TracePlace, call: SentCall, catalogue: Catalogue): FinishedSpan {
  const { claim, end, sentAt, batchJob } = call;
  const { request, lease } = claim;
  const { provider, address, model, answeredBy, tokens } = toGenAiFacts(call, catalogue);
  const { responseId, endedAt, imageIndex } = end;
  return {
    place: { ...submit, spanId: toSpanId('call', request.id, lease.attempt, imageIndex) },
    parent: { spanId: toAttemptId(request.id, lease.attempt), isRemote: false },
    name: `${genAiOperation} ${model}`,
    kind: 'client',
    startedAt: sentAt,
    endedAt,
    attributes: {
      'gen_ai.operation.name': genAiOperation,
      'gen_ai.provider.name': provider,
      'gen_ai.output.type': 'image',
      'gen_ai.request.model': model,
      ...(responseId !== undefined && { 'gen_ai.response.id': responseId }),
      ...(answeredBy !== undefined && { 'gen_ai.response.model': answeredBy }),
      ...(tokens && { 'gen_ai.usage.input_tokens': tokens.input, 'gen_ai.usage.output_tokens': tokens.output }),
      ...(address && { 'server.address': address.host, 'server.port': address.port }),
      'darkroom.upstream': claim.upstream,
      'darkroom.image': imageIndex,
      'darkroom.tier': end.serviceTier ?? claim.tier,
      ...(batchJob !== undefined && { 'darkroom.batch': batchJob }),
      'darkroom.cost_dollars': end.costMicros / 1e6,
    },
    links: [],
    errorType: toErrorType(call),
  };
}

function toMessaging({ id, model, organizationId }: ImageRequest, name: string) {
  return {
    'messaging.system': 'darkroom',
    'messaging.operation.name': name,
    'messaging.destination.name': model,
    'messaging.message.id': id,
    'darkroom.request.id': id,
    'darkroom.organization': organizationId,
  };
}

function toAttemptId(requestId: string, attempt: number): string {
  return toSpanId('attempt', requestId, attempt);
}

function toTryId({ id, tries }: WebhookDelivery): string {
  return toSpanId('try', id, tries);
}

/** Addresses of receivers hold secrets: only the host is told. */
function toHost(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
