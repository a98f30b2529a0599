import { createFal } from '@ai-sdk/fal';
import { createFalClient, type FalClient, type QueueStatus, ValidationError } from '@fal-ai/client';
import { generateImage } from 'ai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedUpstream } from '../fakes/scripted-upstream.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { startUpstream } from '../start-upstream.ts';

const pro = 'fal-ai/nano-banana-pro';

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;
let fal: FalClient;

beforeAll(async () => {
  upstream = await startUpstream();
  darkroom = await startServer({
    ...upstream.settings,
    DARKROOM_KEEP_ALIVE_SECONDS: '1',
    DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1',
  });
  fal = connect();
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.stop();
});

function connect(fetch?: typeof globalThis.fetch): FalClient {
  return createFalClient({
    proxyUrl: { url: `${darkroom.url}/fal/proxy`, when: 'always' },
    credentials: darkroom.key,
    retry: { baseDelay: 50 },
    ...(fetch && { fetch }),
  });
}

/** What the client throws. */
async function errorOf(promise: Promise<unknown>): Promise<ValidationError> {
  return promise.then(
    () => {
      throw new Error('The call should fail.');
    },
    (error: ValidationError) => error,
  );
}

async function readPicture(url: string) {
  const response = await fetch(url);
  return sharp(Buffer.from(await response.arrayBuffer())).metadata();
}

describe('fal’s client, through the proxy address', () => {
  it('subscribes: sees the statuses, and gets the pictures with their real sizes', async () => {
    const seen: QueueStatus[] = [];
    const { data, requestId } = await fal.subscribe(pro, {
      input: { prompt: `a lighthouse`, num_images: 2, output_format: 'jpeg' },
      logs: true,
      pollInterval: 50,
      onQueueUpdate: (status) => void seen.push(status),
    });
    expect(data.images).toHaveLength(2);
    const [image] = data.images;
    expect(image).toMatchObject({ content_type: 'image/jpeg', width: 64, height: 64 });
    expect(await readPicture(image?.url ?? '')).toMatchObject({ format: 'jpeg', width: 64 });
    expect(seen.at(-1)).toMatchObject({ status: 'COMPLETED', request_id: requestId });
    const record = await darkroom.client.status(requestId);
    expect(record).toMatchObject({ model: 'gemini-3-pro-image', status: 'success', payload: { number_of_images: 2 } });
  });

  it('submits, reads the status, and refuses a result that is not there', async () => {
    const submitted = await fal.queue.submit(pro, {
      input: { prompt: `later [[sandbox delay=500ms]]` },
      priority: 'low',
    });
    expect(submitted).toMatchObject({ status: 'IN_QUEUE', queue_position: 0 });
    expect(submitted.status_url).toBe(`${darkroom.url}/fal/queue/${pro}/requests/${submitted.request_id}/status`);
    const requestId = submitted.request_id;
    expect(await errorOf(fal.queue.result(pro, { requestId }))).toMatchObject({ status: 400 });
    expect(await darkroom.client.status(requestId)).toMatchObject({ priority: -5 });
    // The addresses of the answer work by themselves, as Python's client uses them.
    const headers = { authorization: `Key ${darkroom.key}` };
    expect(await (await fetch(submitted.status_url, { headers })).json()).toMatchObject({ request_id: requestId });
    await fal.queue.subscribeToStatus(pro, { requestId, mode: 'polling', pollInterval: 50 });
    const { data } = await fal.queue.result(pro, { requestId });
    expect(data).toMatchObject({ images: [{ content_type: 'image/png' }], description: expect.any(String) });
  });

  it('streams the status to the end', async () => {
    const { request_id: requestId } = await fal.queue.submit(pro, {
      // Longer than the stream takes between two looks.
      input: { prompt: `streamed [[sandbox delay=1500ms]]` },
    });
    const stream = await fal.queue.streamStatus(pro, { requestId, logs: true });
    const statuses: string[] = [];
    stream.on('data', (data: QueueStatus) => void statuses.push(data.status));
    expect(await stream.done()).toMatchObject({ status: 'COMPLETED', metrics: { inference_time: expect.any(Number) } });
    expect(statuses).toContain('IN_PROGRESS');
  });

  it('cancels', async () => {
    const { request_id: requestId } = await fal.queue.submit(pro, { input: { prompt: 'x [[sandbox delay=300ms]]' } });
    await fal.queue.cancel(pro, { requestId });
    expect(await fal.queue.status(pro, { requestId })).toMatchObject({ status: 'COMPLETED' });
    const error = await errorOf(fal.queue.result(pro, { requestId }));
    expect(error).toMatchObject({ status: 499, body: { error_type: 'client_cancelled' } });
    expect(await errorOf(fal.queue.cancel(pro, { requestId }))).toMatchObject({
      status: 400,
      body: { status: 'ALREADY_COMPLETED' },
    });
  });

  it('runs, kept alive while it takes long, and gives data URIs in sync mode', async () => {
    const { data } = await fal.run(pro, {
      input: { prompt: `slow [[sandbox delay=1500ms]]`, sync_mode: true, output_format: 'png' },
    });
    const [, base64 = ''] = (data.images[0]?.url ?? '').split('data:image/png;base64,');
    expect(await sharp(Buffer.from(base64, 'base64')).metadata()).toMatchObject({ format: 'png', width: 64 });
  });

  it('uploads a picture, and edits it', async () => {
    const png = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a32' } })
      .png()
      .toBuffer();
    const file = new File([new Uint8Array(png)], 'in.png', { type: 'image/png' });
    const url = await fal.storage.upload(file);
    expect(await readPicture(url)).toMatchObject({ format: 'png', width: 64 });
    // The client itself uploads files of an input.
    const { data, requestId } = await fal.subscribe(`${pro}/edit`, {
      // Its types know addresses alone.
      input: { prompt: `red`, image_urls: [url, file as unknown as string], aspect_ratio: '4:3' },
      pollInterval: 50,
    });
    expect(data.images).toHaveLength(1);
    const { payload } = await darkroom.client.status(requestId);
    expect(payload).toMatchObject({ image: [url, expect.stringContaining('/media/')] });
    expect(await errorOf(fal.storage.upload(new Blob(['x'], { type: 'text/plain' })))).toMatchObject({ status: 422 });
  });

  it('tells a failure as the result of a completed request', async () => {
    const failed = await errorOf(
      fal.subscribe(pro, { input: { prompt: 'x [[sandbox block=PROHIBITED_CONTENT]]' }, pollInterval: 50 }),
    );
    expect(failed).toBeInstanceOf(ValidationError);
    expect(failed).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'prompt'], type: 'content_policy_violation' }] },
    });
    expect(failed.requestId).not.toBe('');
  });

  it('names what it refuses in fal’s words', async () => {
    const refuse = async (endpoint: string, input: object) => errorOf(fal.queue.submit(endpoint, { input }));
    const wrong = await refuse(pro, { prompt: 'x', resolution: '9K', num_images: 99 });
    expect(wrong.fieldErrors.map(({ loc }) => loc)).toEqual([
      ['body', 'resolution'],
      ['body', 'num_images'],
    ]);
    expect((await refuse(pro, { prompt: 'x', guidance_scale: 3 })).getFieldErrors('guidance_scale')).toHaveLength(1);
    expect((await refuse(`${pro}/edit`, { prompt: 'x' })).getFieldErrors('image_urls')).toHaveLength(1);
    for (const image_size of ['huge', '__proto__'])
      expect((await refuse(pro, { prompt: 'x', image_size })).getFieldErrors('image_size')).toHaveLength(1);
    const unknown = await refuse('fal-ai/flux-pro', { prompt: 'x' });
    expect(unknown).toMatchObject({ status: 404, body: { detail: expect.stringContaining(`${pro}/edit`) } });
    expect(await errorOf(fal.queue.status(pro, { requestId: 'none' }))).toMatchObject({ status: 404 });
  });

  it('tells webhooks in fal’s form', async () => {
    const receiver = await ScriptedUpstream.start();
    receiver.answer((response) => response.writeHead(200).end());
    const submit = (prompt: string) => fal.queue.submit(pro, { input: { prompt }, webhookUrl: `${receiver.url}/hook` });
    const { request_id } = await submit('told');
    await receiver.untilCalls(1);
    await submit('x [[sandbox block=PROHIBITED_CONTENT]]');
    await receiver.untilCalls(2);
    await receiver.close();
    const [done, failed] = receiver.received.map(({ body }): unknown => JSON.parse(body));
    expect(done).toMatchObject({ request_id, status: 'OK', payload: { images: [{ content_type: 'image/png' }] } });
    expect(failed).toMatchObject({ status: 'ERROR', payload: { detail: [{ type: 'content_policy_violation' }] } });
  });

  it('gives a request up that has not begun in time, and runs one that has', async () => {
    await darkroom.admin.pause({ kind: 'model', name: 'gemini-3-pro-image' });
    const { request_id: requestId } = await fal.queue.submit(pro, { input: { prompt: 'x' }, startTimeout: 1.1 });
    const ran: unknown = (await fal.run(pro, { input: { prompt: 'y' }, startTimeout: 1.1 })).data;
    // The answer had begun with white space to keep the line alive, so its body alone tells the error.
    expect(ran).toMatchObject({ error_type: 'startup_timeout' });
    expect(await fal.queue.status(pro, { requestId })).toMatchObject({ status: 'COMPLETED' });
    const error = await errorOf(fal.queue.result(pro, { requestId }));
    expect(error).toMatchObject({ status: 504, isUserTimeout: true });
    await darkroom.admin.resume({ kind: 'model', name: 'gemini-3-pro-image' });
    const long = { input: { prompt: 'z [[sandbox delay=1200ms]]' }, startTimeout: 1.1 };
    expect((await fal.run(pro, long)).data.images).toHaveLength(1);
  });

  it('makes one request and one upstream call when the line is cut and the client tries again', async () => {
    const before = { calls: upstream.calls(), requests: (await darkroom.client.list()).total };
    let tries = 0;
    const cut = connect(async (input, init) => {
      tries += 1;
      if (tries > 1) return fetch(input, init);
      const signal = AbortSignal.timeout(300);
      await fetch(input, { ...init, signal }).catch(() => undefined);
      throw new TypeError('fetch failed');
    });
    const { data } = await cut.run(pro, { input: { prompt: 'cut [[sandbox delay=700ms]]' } });
    expect([tries, data.images.length]).toEqual([2, 1]);
    expect(upstream.calls()).toBe(before.calls + 1);
    expect((await darkroom.client.list()).total).toBe(before.requests + 1);
  });
});

describe('other ways in', () => {
  const post = (path: string, host?: string) =>
    fetch(`${darkroom.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${darkroom.key}`,
        'content-type': 'application/json',
        ...(host && { host }),
      },
      body: JSON.stringify({ prompt: 'a lighthouse' }),
    });

  it('accepts the AI SDK, by its base address', async () => {
    const provider = createFal({ baseURL: `${darkroom.url}/fal/run`, apiKey: darkroom.key });
    const { images } = await generateImage({
      model: provider.image(pro),
      prompt: `two`,
      aspectRatio: '16:9',
      n: 2,
      providerOptions: { fal: { outputFormat: 'jpeg' } },
    });
    expect(images.map(({ mediaType }) => mediaType)).toEqual(['image/jpeg', 'image/jpeg']);
    const refused = await errorOf(
      generateImage({ model: provider.image(pro), prompt: 'x', size: '1000x100', maxRetries: 0 }),
    );
    expect(refused.message).toContain('image_size');
  });

  it('accepts endpoints without a prefix, and refuses foreign targets', async () => {
    expect((await post(`/${pro}`)).status).toBe(200);
    const later = await fetch(`${darkroom.url}/fal/run/${pro}`, {
      method: 'POST',
      headers: {
        authorization: `Key ${darkroom.key}`,
        'content-type': 'application/json',
        prefer: 'respond-async',
      },
      body: JSON.stringify({ prompt: 'later' }),
    });
    expect([later.status, await later.json()]).toMatchObject([202, { status: 'IN_QUEUE' }]);
    const target = { 'x-fal-target-url': 'https://example.com/fal-ai/nano-banana-pro' };
    const foreign = await fetch(`${darkroom.url}/fal/proxy`, {
      method: 'POST',
      headers: { authorization: `Key ${darkroom.key}`, ...target },
    });
    expect([foreign.status, await foreign.json()]).toMatchObject([404, { error_type: 'not_found' }]);
    const keyless = await fetch(`${darkroom.url}/fal/run/${pro}`, { method: 'POST', body: '{}' });
    expect([keyless.status, await keyless.json()]).toMatchObject([401, { error_type: 'auth_error' }]);
  });

  it('stores what Python’s client uploads', async () => {
    const grant = await post('/storage/auth/token?storage_type=fal-cdn-v3');
    const { token, token_type, base_url } = (await grant.json()) as Record<string, string>;
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a32' } })
      .png()
      .toBuffer();
    const stored = await fetch(`${base_url}/files/upload`, {
      method: 'POST',
      headers: { authorization: `${token_type} ${token}`, 'content-type': 'image/png' },
      body: new Uint8Array(png),
    });
    const { access_url } = (await stored.json()) as { access_url: string };
    expect(await readPicture(access_url)).toMatchObject({ format: 'png', width: 8 });
  });
});
