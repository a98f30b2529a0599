import { afterEach, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

/** What a deadline does while an upstream does not answer: a whole Darkroom, its sandbox, real time. */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(): Promise<TestServer> {
  const upstream = await startUpstream();
  closing.push(upstream.stop);
  const local = await startServer({ ...upstream.settings, DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' });
  closing.push(() => {
    // Calls that are still under way are not waited for.
    local.server.handBack();
    return local.stop();
  });
  return local;
}

const submission = (prompt: string, { number_of_images = 1, deadlineSeconds = 2 } = {}) => ({
  payload: { prompt, image_output_format: 'jpeg', number_of_images } as const,
  deadlineSeconds,
});

/** Asks again until the expected value is there. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a deadline that comes while a call is under way', () => {
  it('fails the request at once, and notifies everybody who waits, follows or has a webhook', async () => {
    const { client } = await start();
    const receiver = await WebhookReceiver.start();
    closing.push(() => receiver.stop());
    const { request_id } = await client.submit({
      ...submission('a fox [[sandbox delay=30s]]'),
      webhookUrl: receiver.url('/own'),
    });
    receiver.secrets.set('/own', [(await client.webhooks.secret()).secret]);
    const begin = performance.now();
    const statuses: string[] = [];
    const followed = (async () => {
      for await (const event of client.events(request_id))
        if (event.kind === 'status') statuses.push(event.data.status);
    })();
    const record = await client.wait(request_id);
    expect(performance.now() - begin).toBeLessThan(4_000);
    expect(record).toMatchObject({ status: 'failed', outcome: { error: { code: 'deadline_exceeded' } } });
    expect((await client.attempts(request_id)).attempts).toMatchObject([{ result: null, cost_usd: 0 }]);
    await followed;
    expect(statuses.at(-1)).toBe('failed');
    await receiver.until(() => receiver.taken.some(({ type }) => type === 'request.failed'));
  });

  it('loses nothing that was paid for: the log shows the late picture, and a requeue uses it', async () => {
    const { client, admin } = await start();
    const { request_id } = await client.submit(submission('a fox [[sandbox delay=4s]]'));
    expect((await client.wait(request_id)).status).toBe('failed');
    const late = await eventually(async () =>
      (await client.attempts(request_id)).attempts.find(({ result }) => result),
    );
    expect(late).toMatchObject({ result: 'succeeded', cost_usd: expect.closeTo(0.134, 2) });
    const [{ url } = { url: '' }] = late.media_urls ?? [];
    expect((await fetch(url)).headers.get('content-type')).toBe('image/jpeg');
    expect(await client.status(request_id)).toMatchObject({ status: 'failed', cost_usd: late.cost_usd });
    await admin.requeue({ requestIds: [request_id] });
    const record = await client.wait(request_id);
    expect(record).toMatchObject({ status: 'success', cost_usd: late.cost_usd, outcome: { media_urls: [{ url }] } });
    expect((await client.attempts(request_id)).attempts).toHaveLength(1);
  });

  it('lets the request succeed with the pictures that came in time, and says which did not', async () => {
    const { client } = await start();
    const { request_id } = await client.submit(
      submission('two foxes [[sandbox size=64x64]] [[sandbox delay=30s times=1]]', {
        number_of_images: 2,
        deadlineSeconds: 5,
      }),
    );
    const record = await client.wait(request_id);
    expect(record).toMatchObject({
      status: 'success',
      outcome: { media_urls: [{ id: '0' }], missing: [{ code: 'deadline_exceeded' }] },
    });
    const { attempts } = await client.attempts(request_id);
    expect(attempts.filter(({ result }) => result === null)).toHaveLength(1);
  });
});
