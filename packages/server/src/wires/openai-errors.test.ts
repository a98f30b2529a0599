import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../core/failures.ts';
import { createInputProblem } from '../core/parse-input.ts';
import { Problem } from '../core/problem.ts';
import { createOpenAiErrorReply, toFailureReply, UnsupportedParameter } from './openai-errors.ts';

const toReply = createOpenAiErrorReply({ number_of_images: 'n', contents: 'messages' });

describe('a refusal', () => {
  it.each([
    ['unauthorized', 401, 'invalid_request_error', 'invalid_api_key', undefined],
    ['budget_exceeded', 402, 'insufficient_quota', 'insufficient_quota', 'false'],
    ['model_not_found', 404, 'invalid_request_error', 'model_not_found', undefined],
    ['idempotency_conflict', 409, 'invalid_request_error', 'idempotency_conflict', 'false'],
    ['body_too_large', 413, 'invalid_request_error', 'body_too_large', undefined],
    ['rate_limited', 429, 'rate_limit_error', 'rate_limit_exceeded', undefined],
    ['queue_full', 429, 'rate_limit_error', 'queue_full', undefined],
    ['internal_error', 500, 'server_error', 'internal_error', undefined],
    ['overloaded', 503, 'server_error', 'overloaded', undefined],
  ] as const)('%s has the class that SDKs know, and is not repeated in vain', (problem, status, type, code, retry) => {
    const reply = toReply(new Problem(problem, 'No.', { retryAfterSeconds: 7 }));
    expect(reply).toMatchObject({ status, body: { error: { message: 'No.', type, code } } });
    expect([reply.headers['x-should-retry'], reply.headers['retry-after']]).toEqual([retry, '7']);
  });

  it('names the field as the dialect does', () => {
    const paths = ['payload.number_of_images', 'payload.contents[2].parts[0].text', 'payload.seed'];
    const { body } = toReply(createInputProblem(paths.map((path) => ({ path, message: 'is wrong' }))));
    const message = 'n is wrong; messages is wrong; seed is wrong.';
    expect(body).toEqual({ error: { message, type: 'invalid_request_error', param: 'n', code: 'invalid_value' } });
    const unsupported = toReply(new UnsupportedParameter('audio', 'is not taken'));
    expect(unsupported.body).toMatchObject({ error: { param: 'audio', code: 'unsupported_parameter' } });
  });
});

describe('a request that failed', () => {
  const fail = (code: FailureCode, more = {}) =>
    toFailureReply({ id: 'r', outcome: { kind: 'failure', failure: { code, message: 'It failed.', ...more } } });

  it.each([
    ['prompt_blocked', 400, 'image_generation_user_error', 'moderation_blocked', 'false'],
    ['image_blocked', 400, 'image_generation_user_error', 'moderation_blocked', 'false'],
    ['reference_unavailable', 400, 'invalid_request_error', 'reference_unavailable', 'false'],
    ['upstream_overloaded', 503, 'server_error', 'upstream_overloaded', undefined],
    ['upstream_billing', 503, 'server_error', 'upstream_billing', 'false'],
    ['deadline_exceeded', 503, 'server_error', 'deadline_exceeded', 'false'],
  ] as const)('by %s is repeated only where the upstream may have recovered', (failure, status, type, code, retry) => {
    const reply = fail(failure);
    expect(reply).toMatchObject({ status, body: { error: { message: 'It failed.', type, code, param: null } } });
    expect(reply.headers['x-should-retry']).toBe(retry);
  });

  it('says what the model said instead of a picture', () => {
    const { body } = fail('text_only', { modelText: 'Which fox?' });
    expect(body).toMatchObject({ error: { message: 'It failed. The model said: Which fox?', code: 'text_only' } });
  });
});
