import type { AttemptEventRecord, ProgressRecord, StatusEventRecord, WebhookEventRecord } from '@darkroom/protocol';
import { failureKinds } from '../../../core/failures.ts';
import { toDollars } from '../../../core/pricing.ts';
import { type RequestEvent, type RequestMoment, toStatus } from '../../../core/request-events.ts';
import type { EventHub } from '../../../events/event-hub.ts';
import type { Place } from '../../../intake/queue-reader.ts';
import { toQueueRecord } from './queue-place.ts';

/** How long a client waits before it connects again. */
const retryMs = 2_000;

/** The head of a stream: everything up to this id is known. */
export function toStreamHead(after: number): string {
  return `retry: ${retryMs}\nid: ${after}\n\n`;
}

export function toEventText(event: RequestEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const [name, record] = toRecord(event);
  const text = toText(name, record, String(event.seq));
  texts.set(event, text);
  return text;
}

/** All streams that send an event as it happens share its object, and so its text. */
const texts = new WeakMap<RequestEvent, string>();

/** The frame of the last event of a request's stream: the record's JSON comes between head and tail. */
export function toEndFrame(lastSeq: number): { readonly head: string; readonly tail: string } {
  return { head: `id: ${lastSeq}-end\nevent: end\ndata: `, tail: '\n\n' };
}

export function toQueueText(place: Place): string {
  return toText('queue', toQueueRecord(place));
}

export function toProgressText(
  { attempt, sentAt }: NonNullable<ReturnType<EventHub['speed']['underWay']>>,
  { now, typicalMs }: { readonly now: number; readonly typicalMs: number | undefined },
): string {
  const progress: ProgressRecord = { attempt, elapsed_ms: Math.max(0, now - sentAt), typical_ms: typicalMs ?? null };
  return toText('progress', progress);
}

/** The host of a webhook's address: the rest of it may be a secret. */
export function toHost(url: string): string {
  return URL.parse(url)?.host ?? 'an address';
}

function toText(name: string, record: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(record)}\n\n`;
}

type EventRecord =
  | readonly ['status', StatusEventRecord]
  | readonly ['attempt', AttemptEventRecord]
  | readonly ['webhook', WebhookEventRecord];

/** The name of an event, and its data. */
function toRecord(event: RequestEvent): EventRecord {
  const { moment, requestId } = event;
  const common = { request_id: requestId, at: event.at / 1_000 };
  switch (moment.kind) {
    case 'sent':
    case 'answered':
      return ['attempt', { ...common, ...toAttemptFacts(moment) }];
    case 'called-back':
      return ['webhook', { ...common, ...toWebhookFacts(moment) }];
    default:
      return ['status', { ...common, status: toStatus(moment), ...toStatusFacts(moment) }];
  }
}

type Moment<Kind extends RequestMoment['kind']> = Extract<RequestMoment, { readonly kind: Kind }>;
type Facts<R extends { readonly request_id: string; readonly at: number }> = Omit<R, 'request_id' | 'at' | 'status'>;

function toAttemptFacts(moment: Moment<'sent' | 'answered'>): Facts<AttemptEventRecord> {
  const { attempt, image } = moment;
  if (moment.kind === 'sent') return { moment: 'sent', attempt, image, upstream: moment.upstream };
  const { result, code, costMicros } = moment;
  return { moment: 'answered', attempt, image, result, ...toCodeFacts(code), cost_usd: toDollars(costMicros) };
}

function toWebhookFacts({ url, isDelivered, httpStatus }: Moment<'called-back'>): Facts<WebhookEventRecord> {
  return {
    moment: 'called-back',
    host: toHost(url),
    delivered: isDelivered,
    ...(httpStatus !== undefined && { http_status: httpStatus }),
  };
}

function toStatusFacts(
  moment: Exclude<RequestMoment, Moment<'sent' | 'answered' | 'called-back'>>,
): Facts<StatusEventRecord> {
  switch (moment.kind) {
    case 'claimed':
      return {
        moment: 'claimed',
        attempt: moment.attempt,
        upstream: moment.upstream,
        calls: moment.calls,
        ...(moment.standIn && { stand_in: moment.standIn }),
      };
    case 'retrying':
      return {
        moment: 'retrying',
        ...toCodeFacts(moment.code),
        retry_at: Math.ceil(moment.availableAt / 1_000),
      };
    case 'succeeded':
      return { moment: 'succeeded', pictures: moment.pictures };
    case 'failed':
      return { moment: 'failed', ...toCodeFacts(moment.code) };
    default:
      return { moment: moment.kind };
  }
}

function toCodeFacts(code: keyof typeof failureKinds | undefined): { code?: string; message?: string } {
  return code === undefined ? {} : { code, message: failureKinds[code].meaning };
}
