import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../core/failures.ts';
import type { ImageRequest } from '../../../core/image-request.ts';
import { toFailedAnswer } from './failed-answer.ts';
import { toPredictAnswer } from './predict-answer.ts';

function toRequest(failure: Omit<Failure, 'message'>): ImageRequest {
  const outcome = { kind: 'failure', failure: { message: 'Because.', ...failure } };
  return { id: 'r', model: 'm', status: 'failed', outcome } as unknown as ImageRequest; // an answer reads no more of it
}

const answer = (failure: Omit<Failure, 'message'>) => toFailedAnswer(toRequest(failure));

describe('a request without a picture', () => {
  it('whose prompt was blocked is an answer without candidates', () => {
    expect(answer({ code: 'prompt_blocked', blockReason: 'PROHIBITED_CONTENT' })).toMatchObject({
      status: 200,
      body: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } },
    });
  });

  it.each([
    [{ code: 'image_blocked', finishReason: 'IMAGE_PROHIBITED_CONTENT' }, 'IMAGE_PROHIBITED_CONTENT'],
    [{ code: 'image_blocked' }, 'IMAGE_SAFETY'],
    [{ code: 'recitation_blocked' }, 'IMAGE_RECITATION'],
    [{ code: 'no_image', finishReason: 'STOP' }, 'NO_IMAGE'],
    [{ code: 'token_limit' }, 'MAX_TOKENS'],
    [{ code: 'text_only', modelText: 'No.' }, 'STOP'],
  ] as const)('%j ends as the model ended it', (failure, finishReason) => {
    const parts = 'modelText' in failure ? [{ text: 'No.' }] : [];
    expect(answer(failure)).toMatchObject({
      status: 200,
      body: { candidates: [{ finishReason, finishMessage: 'Because.', content: { role: 'model', parts } }] },
    });
  });

  it.each([
    ['upstream_rejected', 400, 'INVALID_ARGUMENT'],
    ['upstream_key_invalid', 400, 'FAILED_PRECONDITION'],
    ['upstream_overloaded', 503, 'UNAVAILABLE'],
    ['deadline_exceeded', 504, 'DEADLINE_EXCEEDED'],
  ] as const)(
    'that failed by %s is an error, whose status says whether another call may work',
    (code, status, name) => {
      expect(answer({ code })).toMatchObject({ status, body: { error: { code: status, status: name } } });
    },
  );

  it('is always an error of predict, and when it was cancelled', () => {
    expect(toPredictAnswer(toRequest({ code: 'image_blocked' }))).toMatchObject({ status: 400 });
    const cancelled = { id: 'r', model: 'm', status: 'cancelled' } as ImageRequest; // an answer reads no more of it
    expect(toFailedAnswer(cancelled)).toMatchObject({ status: 499, body: { error: { status: 'CANCELLED' } } });
  });
});
