import { describe, expect, it } from 'vitest';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';

async function read(pieces: readonly Uint8Array[]): Promise<readonly ServerSentEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(body, () => undefined)) events.push(event);
  return events;
}

const stream =
  'retry: 2000\nid: 4\n\n: alive\n\nid: 5\nevent: status\ndata: {"prompt":"café ☕"}\n\nevent: queue\r\ndata: a\r\ndata: b\r\n\r\ndata: torn';
const events = [
  { id: '4', retryMs: 2_000 },
  { id: '5', event: 'status', data: '{"prompt":"café ☕"}' },
  { event: 'queue', data: 'a\nb' },
];

describe('a stream of server-sent events', () => {
  it('gives the same events wherever its bytes are split, and leaves out an incomplete one', async () => {
    const bytes = new TextEncoder().encode(stream);
    for (let at = 0; at <= bytes.length; at += 1)
      expect(await read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(events);
    expect(await read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(events);
  });
});
