import { describe, expect, it } from 'vitest';
import { sendWithRetries } from './send-with-retries.ts';

const options = { maxRetries: 1, isRepeatable: true, signal: undefined };

/** Sends with retries. Returns how often it sent and how it ended. */
async function count(answer: () => Response, more: Partial<typeof options> = {}) {
  let times = 0;
  const send = async () => {
    times += 1;
    return answer();
  };
  const end = await sendWithRetries(send, { ...options, ...more }).then(
    ({ status }) => status,
    (error: Error) => error.message,
  );
  return [times, end];
}

const respond = (status: number, retryAfter?: string) => () =>
  new Response('', { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } });
const breakDown = () => {
  throw new Error('The line broke.');
};

describe('a call', () => {
  it('is retried when it is safe to repeat, and otherwise only when it was turned away', async () => {
    const ways = [respond(500), respond(502), respond(503), respond(503, '0'), respond(429, '0'), breakDown];
    const repeatable = await Promise.all(ways.map((way) => count(way)));
    const others = await Promise.all(ways.map((way) => count(way, { isRepeatable: false })));
    expect(repeatable.map(([times]) => times)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(others.map(([times]) => times)).toEqual([1, 1, 1, 2, 2, 1]);
  });

  it('is not retried when it was refused, or when Retry-After is far away', async () => {
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const ways = [respond(400), respond(402), respond(409), respond(429, '61'), respond(503, later)];
    expect(await Promise.all(ways.map((way) => count(way)))).toEqual([400, 402, 409, 429, 503].map((end) => [1, end]));
  });

  it('is retried at once when the date of Retry-After has passed', async () => {
    expect(await count(respond(503, new Date(0).toUTCString()))).toEqual([2, 503]);
  });
});
