import type { SuccessOutcomeRecord } from '@darkroom/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';

/** Promises of the architecture page that show only on a whole server. */

let darkroom: TestServer;
beforeAll(async () => {
  darkroom = await startServer();
});
afterAll(() => darkroom.stop());

describe('promise 5', () => {
  it('a picture is readable at its URL before the status says success', async () => {
    const make = async (index: number) => {
      const { request_id } = await darkroom.client.submit({
        payload: { prompt: `moth ${index}`, image_output_format: 'jpeg' },
      });
      const record = await darkroom.client.wait(request_id, { pollMs: 1 });
      const [media] = (record.outcome as SuccessOutcomeRecord).media_urls;
      return (await fetch(media?.url ?? '')).status;
    };
    expect(await Promise.all(Array.from({ length: 12 }, (_, index) => make(index)))).toEqual(Array(12).fill(200));
  });
});
