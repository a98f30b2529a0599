import type { ImageRequest } from '../../../core/image-request.ts';
import { type JsonAnswer, StoredBase64 } from '../../../http/json-answer.ts';
import { toGoogleFailure } from '../../google-errors.ts';
import { toFailedAnswer } from './failed-answer.ts';

/** The answer to `predict`. It has no place for the reason of a refusal, so a refusal is an error here. */
export function toPredictAnswer(request: ImageRequest): JsonAnswer {
  const { outcome } = request;
  if (outcome?.kind === 'failure') {
    const error = toGoogleFailure(outcome.failure);
    return { status: error.code, body: { error } };
  }
  if (outcome?.kind !== 'success') return toFailedAnswer(request);
  const predictions = outcome.pictures.map(({ name, format }) => ({
    mimeType: `image/${format}`,
    bytesBase64Encoded: new StoredBase64(name),
  }));
  return { status: 200, body: { predictions } };
}
