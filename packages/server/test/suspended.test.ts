import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DarkroomProcess } from './darkroom-process.ts';
import { startUpstream } from './start-upstream.ts';

/** A process that stands still for longer than its leases last, as real processes do. */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Another process while `first` is suspended. In the middle of a write `first` holds the database: then it is suspended later. */
async function startBeside(first: DarkroomProcess): Promise<DarkroomProcess> {
  for (;;) {
    const second = await first.startAnother().catch((error: Error) => error);
    if (second instanceof DarkroomProcess) return second;
    if (!second.message.includes('held by another process')) throw second;
    first.signal('SIGCONT');
    await pause(20);
    first.signal('SIGSTOP');
  }
}

describe('a process that was suspended', () => {
  it('loses its request to another process; its late verdict is refused, and the picture that it paid for is in the log', {
    timeout: 120_000,
  }, async () => {
    // The upstream continues while they stand still.
    const upstream = await startUpstream();
    closing.push(upstream.stop);
    const first = await DarkroomProcess.start(upstream.settings);
    closing.push(() => first.remove());
    const payload = { prompt: 'a fox [[sandbox delay=4s times=1]]', image_output_format: 'jpeg' } as const;
    const { request_id } = await (await first.client()).submit({ payload });
    const log = async (server: DarkroomProcess) => (await (await server.client()).attempts(request_id)).attempts;
    // The log says that a call is sent just before it is.
    while (upstream.calls() === 0) await pause(20);
    first.signal('SIGSTOP');

    const second = await startBeside(first);
    closing.push(() => second.remove());
    const record = await (await second.client()).wait(request_id);
    expect(record.status).toBe('success');
    expect(await log(second)).toMatchObject([
      { number: 1, result: 'lost', possibly_billed: true },
      { number: 2, result: 'succeeded' },
    ]);

    first.signal('SIGCONT');
    while ((await log(second)).some(({ result }) => result === 'lost')) await pause(100);
    const [late, done] = await log(second);
    expect(late).toMatchObject({ result: 'succeeded', possibly_billed: false });
    expect((await fetch(late?.media_urls?.[0]?.url ?? '')).status).toBe(200);
    const after = await (await second.client()).status(request_id);
    expect(after).toMatchObject({ status: 'success', outcome: { media_urls: done?.media_urls } });
    expect(after.cost_usd).toBeCloseTo((late?.cost_usd ?? 0) + (done?.cost_usd ?? 0), 6);
  });
});
