import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { JumpingClock } from './chaos/jumping-clock.ts';
import { drawPlain } from './draw-plain.ts';
import { startServer } from './start-server.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

/** A whole Darkroom on a machine whose clock is set while it runs. */

const day = 86_400_000;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(steppedMs = 0) {
  const clock = new JumpingClock({ aheadMs: 0, steppedMs });
  const settings = { DARKROOM_CONCURRENCY: '1', DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' };
  const local = await startServer(settings, { clock, illustrate: drawPlain });
  closing.push(local.stop);
  const { client } = local;
  return {
    client,
    step: (steppedMs: number) => clock.set({ aheadMs: 0, steppedMs }),
    submit: async (prompt: string) => {
      const payload = { prompt, image_output_format: 'jpeg' } as const;
      return (await client.submit({ payload })).request_id;
    },
  };
}

type Started = Awaited<ReturnType<typeof start>>;

async function untilCalled({ client }: Started, id: string): Promise<void> {
  while (!(await client.attempts(id)).attempts.some((attempt) => attempt.sent_at)) await pause(20);
}

describe('when the clock is set', () => {
  it.each([
    ['forward by a day', day],
    ['forward by half a minute', 30_000],
    ['back by a day', -day],
  ])('%s, no request fails and none is called twice, neither under way nor queued', async (_what, byMs) => {
    const darkroom = await start();
    const ids = [await darkroom.submit('a fox [[sandbox delay=6s]]'), await darkroom.submit('a kite')];
    await untilCalled(darkroom, ids[0] ?? '');
    darkroom.step(byMs);
    ids.push(await darkroom.submit('an owl'));
    for (const id of ids) {
      expect((await darkroom.client.wait(id)).status).toBe('success');
      expect((await darkroom.client.attempts(id)).attempts).toHaveLength(1);
    }
  });

  it('forward by a day and back again, no queued request fails', async () => {
    const darkroom = await start();
    const ids = [await darkroom.submit('a fox [[sandbox delay=3s]]'), await darkroom.submit('a kite')];
    await untilCalled(darkroom, ids[0] ?? '');
    darkroom.step(day);
    await pause(1_500);
    darkroom.step(0);
    for (const id of ids) expect((await darkroom.client.wait(id)).status).toBe('success');
  });

  it('back by a day, a request that waits for its next try is tried at the planned time', async () => {
    const darkroom = await start();
    const id = await darkroom.submit('a fox [[sandbox status=503 times=1]]');
    while ((await darkroom.client.attempts(id)).attempts.length === 0) await pause(5);
    darkroom.step(-day);
    expect((await darkroom.client.wait(id)).status).toBe('success');
  });

  it('to the right time by a day, webhooks are signed with the receivers’ time', async () => {
    const { client, step } = await start(-day);
    const receiver = await WebhookReceiver.start();
    closing.push(() => receiver.stop());
    receiver.secrets.set('/own', [(await client.webhooks.secret()).secret]);
    step(0);
    const payload = { prompt: 'a fox', image_output_format: 'jpeg' } as const;
    await client.submit({ payload, webhookUrl: receiver.url('/own') });
    await receiver.until(() => receiver.taken.length + receiver.wrongs.length > 0);
    expect(receiver.wrongs).toEqual([]);
  });
});
