import type { SuccessOutcomeRecord } from '@darkroom/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';

/** Promises of the architecture page that only a whole server can show. */

let darkroom: TestServer;
beforeAll(async () => {
  darkroom = await startServer({}, { illustrate: drawPlain });
});
afterAll(() => darkroom.stop());

describe('promise 4', () => {
  it('the same Idempotency-Key and body gives the same request', async () => {
    const submission = { payload: { prompt: 'one moth' }, idempotencyKey: 'order-7' };
    const submits = await Promise.all(Array.from({ length: 5 }, () => darkroom.client.submit(submission)));
    const { request_id } = await darkroom.client.submit(submission);
    expect(new Set(submits.map((reply) => reply.request_id))).toEqual(new Set([request_id]));
    await darkroom.client.wait(request_id);
    expect(await darkroom.client.submit(submission)).toEqual(submits[0]);
    expect((await darkroom.client.attempts(request_id)).attempts).toHaveLength(1);
    const other = { ...submission, payload: { prompt: 'another moth' } };
    await expect(darkroom.client.submit(other)).rejects.toMatchObject({ status: 409, code: 'idempotency_conflict' });
  });
});

describe('promise 5', () => {
  it('a picture is readable at its URL before the status says success', async () => {
    const make = async (index: number) => {
      const { request_id } = await darkroom.client.submit({
        payload: { prompt: `moth ${index}`, image_output_format: 'jpeg' },
      });
      const record = await darkroom.client.wait(request_id);
      const [media] = (record.outcome as SuccessOutcomeRecord).media_urls;
      return (await fetch(media?.url ?? '')).status;
    };
    expect(await Promise.all(Array.from({ length: 12 }, (_, index) => make(index)))).toEqual(Array(12).fill(200));
  });
});
