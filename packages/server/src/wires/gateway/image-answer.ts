import type { ImageRequest, SuccessOutcome } from '../../core/image-request.ts';
import { toDollars } from '../../core/pricing.ts';
import { type JsonAnswer, StoredBase64 } from '../../http/json-answer.ts';
import type { MediaStore } from '../../media/media-store.ts';
import { toFailureError } from './gateway-errors.ts';
import type { Warning } from './to-payload.ts';

export interface AnswerOptions {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: string;
  readonly warnings: readonly Warning[];
}

export function toImageAnswer(request: ImageRequest, { warnings, ...places }: AnswerOptions): JsonAnswer {
  const { id, outcome, costMicros } = request;
  if (outcome?.kind !== 'success') return toFailed(request);
  const missing = (outcome.missing ?? []).map(({ message }): Warning => ({ type: 'other', message }));
  return {
    status: 200,
    body: {
      images: outcome.pictures.map(({ name }) => new StoredBase64(name)),
      warnings: [...warnings, ...missing],
      providerMetadata: {
        gateway: { generationId: id, cost: String(toDollars(costMicros)) },
        darkroom: { images: toMetadata(outcome, places) },
      },
      ...(outcome.usage && { usage: toUsage(outcome.usage) }),
    },
  };
}

/** What the AI SDK shows as the `providerMetadata` of each picture. */
function toMetadata(
  { pictures, text }: SuccessOutcome,
  { media, publicUrl }: Pick<AnswerOptions, 'media' | 'publicUrl'>,
): readonly object[] {
  return pictures.map(({ name, width, height, bytes }) => {
    const { url } = media.toAddress(name, publicUrl);
    return { url, width, height, bytes, ...(text !== undefined && { text }) };
  });
}

function toUsage({ promptTokens, totalTokens }: NonNullable<SuccessOutcome['usage']>) {
  return { inputTokens: promptTokens, outputTokens: totalTokens - promptTokens, totalTokens };
}

/**
 * Without pictures. The status has no effect when the call was kept alive; the AI SDK then reads the body as an answer without
 * pictures, which it is not to repeat.
 */
function toFailed({ id, outcome }: ImageRequest): JsonAnswer {
  const failure = outcome?.kind === 'failure' ? outcome.failure : cancelled;
  const { status, error } = toFailureError(failure);
  const warning: Warning = { type: 'other', message: error.message };
  return { status, body: { error, generationId: id, images: [], isRetryable: false, warnings: [warning] } };
}

const cancelled = { code: 'upstream_rejected', message: 'The request was cancelled.' } as const;
