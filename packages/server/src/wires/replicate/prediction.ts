import type { RequestStatus } from '@darkroom/protocol';
import type { Attempt, ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import type { MediaStore } from '../../media/media-store.ts';
import { readKeptPayload, toPayload } from '../payload-notes.ts';
import { readNote } from './note.ts';

type PredictionStatus = 'starting' | 'processing' | 'succeeded' | 'failed' | 'canceled';

export interface PredictionFacts {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: string;
  readonly attempts: readonly Attempt[];
}

/** A request as Replicate writes it. */
export function toPrediction(request: ImageRequest, { attempts, ...places }: PredictionFacts) {
  const { id, outcome, createdAt, updatedAt } = request;
  const note = readNote(request);
  const url = `${places.publicUrl}/v1/predictions/${id}`;
  const hasEnded = isEnded(request.status);
  return {
    id,
    model: note?.model ?? request.model,
    version: note?.version ?? 'hidden',
    input: toInput(request, places),
    output: toOutput(request, places),
    logs: attempts.map(toLogLine).join('\n'),
    error: outcome?.kind === 'failure' ? `${outcome.failure.message} (${outcome.failure.code})` : null,
    status: toPredictionStatus(request),
    created_at: new Date(createdAt).toISOString(),
    started_at: toTime(attempts[0]?.startedAt),
    completed_at: toTime(hasEnded ? updatedAt : undefined),
    data_removed: false,
    source: 'api',
    metrics: hasEnded ? toMetrics(request, attempts) : {},
    urls: { get: url, cancel: `${url}/cancel` },
  };
}

const statuses: Readonly<Record<RequestStatus, PredictionStatus>> = {
  queued: 'starting',
  processing: 'processing',
  success: 'succeeded',
  failed: 'failed',
  cancelled: 'canceled',
};

function toPredictionStatus({ status, attempt }: Pick<ImageRequest, 'status' | 'attempt'>): PredictionStatus {
  return status === 'queued' && attempt > 0 ? 'processing' : statuses[status];
}

/** The input, with addresses in place of the pictures that came inside it. */
function toInput(request: ImageRequest, places: Omit<PredictionFacts, 'attempts'>) {
  const { prompt, image, mask } = readKeptPayload(request, places);
  return { ...toPayload({ prompt, image_input: image, mask }), ...readNote(request)?.input };
}

/** One address, or a list when several pictures were ordered; `null` until they are there. */
function toOutput(
  request: ImageRequest,
  { media, publicUrl }: Omit<PredictionFacts, 'attempts'>,
): string | readonly string[] | null {
  const { outcome } = request;
  if (outcome?.kind !== 'success') return null;
  const urls = outcome.pictures.map(({ name }) => media.toAddress(name, publicUrl).url);
  const { num_outputs: ordered } = readNote(request)?.input ?? {};
  const [first = null] = urls;
  return Number(ordered ?? 1) > 1 ? urls : first;
}

function toMetrics({ createdAt, updatedAt }: ImageRequest, [first]: readonly Attempt[]) {
  const total = { total_time: (updatedAt - createdAt) / 1_000 };
  return first ? { predict_time: (updatedAt - first.startedAt) / 1_000, ...total } : total;
}

function toLogLine({ number, imageIndex, failure, result }: Attempt): string {
  return `Attempt ${number}, picture ${imageIndex + 1}: ${failure?.message ?? result ?? 'under way'}`;
}

function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
