import type { Attempt, ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import { type JsonAnswer, StoredBase64 } from '../../http/json-answer.ts';
import type { MediaStore } from '../../media/media-store.ts';
import { contentTypes } from '../../media/picture-name.ts';
import { toFailureAnswer, toStartTimeoutAnswer } from './errors.ts';
import { readNote } from './note.ts';
import { hasGivenUp } from './starting.ts';

export interface Places {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: string;
}

/** The first two segments of an endpoint, which the addresses of its requests have. */
export function toApp(endpoint: string): string {
  return endpoint.split('/', 2).join('/');
}

export interface StatusFacts {
  /** The owner and the alias. */
  readonly app: string;
  /** How many are served before it, while it is queued. */
  readonly position: number | undefined;
  readonly attempts: readonly Attempt[];
  readonly withLogs: boolean;
  readonly publicUrl: string;
}

/** The status of a request. There is no failed one: the result of a completed request tells its error. */
export function toStatus(request: ImageRequest, { app, position, attempts, withLogs, publicUrl }: StatusFacts) {
  const url = `${publicUrl}/fal/queue/${app}/requests/${request.id}`;
  const status = toQueueStatus(request);
  return {
    status,
    request_id: request.id,
    response_url: url,
    status_url: `${url}/status`,
    cancel_url: `${url}/cancel`,
    ...(status === 'IN_QUEUE' ? { queue_position: position ?? 0 } : { logs: withLogs ? toLogs(attempts) : null }),
    ...(status === 'COMPLETED' && { metrics: { inference_time: toSeconds(request, attempts) } }),
  };
}

export function toQueueStatus({ status, attempt }: ImageRequest): 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' {
  if (isEnded(status)) return 'COMPLETED';
  return status === 'processing' || attempt > 0 ? 'IN_PROGRESS' : 'IN_QUEUE';
}

function toSeconds({ updatedAt }: ImageRequest, [first]: readonly Attempt[]): number | null {
  return first ? (updatedAt - first.startedAt) / 1_000 : null;
}

/** The calls of the upstream, as lines of a log. */
function toLogs(attempts: readonly Attempt[]) {
  return attempts.map(({ number, imageIndex, startedAt, endedAt, result, failure }) => ({
    message: `Attempt ${number}, picture ${imageIndex + 1}: ${failure?.message ?? result ?? 'under way'}`,
    level: failure ? 'ERROR' : 'INFO',
    source: 'USER',
    timestamp: new Date(endedAt ?? startedAt).toISOString(),
  }));
}

/** The output of a request that has ended, or its error. */
export function toResult(request: ImageRequest, places: Places): JsonAnswer {
  const headers = { 'x-fal-request-id': request.id };
  const failed = hasGivenUp(request) ? toStartTimeoutAnswer() : toFailureAnswer(request);
  if (failed) return { ...failed, headers: { ...failed.headers, ...headers } };
  return { status: 200, headers, body: toOutput(request, places, readNote(request).sync_mode) };
}

/** What a webhook of fal receives. Its pictures are addresses, whatever the input says. */
export function toWebhookBody(request: ImageRequest, places: Places) {
  const ids = { request_id: request.id, gateway_request_id: request.id };
  const failed = toFailureAnswer(request);
  if (!failed) return { ...ids, status: 'OK', payload: toOutput(request, places, false) };
  return { ...ids, status: 'ERROR', error: `Invalid status code: ${failed.status}`, payload: failed.body };
}

function toOutput({ outcome }: ImageRequest, { media, publicUrl }: Places, isInline = false) {
  const success = outcome?.kind === 'success' ? outcome : undefined;
  const images = (success?.pictures ?? []).map(({ name, format, bytes, width, height }) => {
    const content_type = contentTypes[format];
    const url = isInline
      ? new StoredBase64(name, `data:${content_type};base64,`)
      : media.toAddress(name, publicUrl).url;
    return { url, content_type, file_name: name, file_size: bytes, width, height };
  });
  const errors = success?.missing?.map(({ code, message }) => ({ msg: message, type: code }));
  return { images, description: success?.text ?? '', ...(errors && { errors }) };
}
