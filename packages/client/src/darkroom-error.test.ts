import { describe, expect, expectTypeOf, it } from 'vitest';
import { DarkroomError, RequestFailedError } from './darkroom-error.ts';
import type { FailureRecord, RequestRecord } from './shapes.ts';

const refusal: unknown = new DarkroomError(429, { error: 'Later.', code: 'rate_limited' }, 7);

describe('the errors', () => {
  it('are told apart by their classes and narrow by their codes', () => {
    if (!(refusal instanceof DarkroomError)) throw new Error('It is no DarkroomError.');
    expect(refusal).toMatchObject({ name: 'DarkroomError', message: 'Later.', status: 429, retryAfterSeconds: 7 });
    expect(refusal).not.toBeInstanceOf(RequestFailedError);
    expectTypeOf(refusal).not.toBeAny();
    if (refusal.code === 'rate_limited') expectTypeOf(refusal.status).toEqualTypeOf<429>();
    if (refusal.code === undefined) expectTypeOf(refusal.status).toEqualTypeOf<number>();
  });

  it('say that something else answered', () => {
    expect(new DarkroomError(502, {})).toMatchObject({ code: undefined, message: 'The server answered 502.' });
  });

  it('have the failure of a request, except when it was cancelled', () => {
    const failure = { code: 'prompt_blocked', message: 'No.', retryable: false, blame: 'caller' };
    const toError = (record: object) => new RequestFailedError(record as RequestRecord); // what it reads is there
    const failed = toError({ status: 'failed', outcome: { error: failure } });
    expect(failed).toMatchObject({ code: 'prompt_blocked', message: 'No.', failure });
    expect(toError({ status: 'cancelled' })).toMatchObject({ code: 'cancelled', failure: undefined });
    if (failed.code === 'cancelled') expectTypeOf(failed.failure).toEqualTypeOf<undefined>();
    else expectTypeOf(failed.failure).toEqualTypeOf<FailureRecord>();
  });
});
