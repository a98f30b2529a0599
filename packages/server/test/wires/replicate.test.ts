import { createReplicate } from '@ai-sdk/replicate';
import { generateImage } from 'ai';
import Replicate, { type Prediction, validateWebhook } from 'replicate';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedUpstream } from '../fakes/scripted-upstream.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { startUpstream } from '../start-upstream.ts';

const pro = 'google/nano-banana-pro';

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;
let replicate: Replicate;

beforeAll(async () => {
  upstream = await startUpstream();
  darkroom = await startServer({
    ...upstream.settings,
    DARKROOM_KEEP_ALIVE_SECONDS: '1',
    DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1',
  });
  replicate = connect();
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.stop();
});

function connect(fetch?: typeof globalThis.fetch): Replicate {
  return new Replicate({ auth: darkroom.key, baseUrl: `${darkroom.url}/v1`, ...(fetch && { fetch }) });
}

async function readPicture(url: unknown) {
  const response = await fetch(String(url));
  return sharp(Buffer.from(await response.arrayBuffer())).metadata();
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => {
      throw new Error('The call should fail.');
    },
    (error: Error) => error.message,
  );
}

describe('Replicate’s client', () => {
  it('runs a model: one address, and the defaults of the model there', async () => {
    const seen: Prediction[] = [];
    const output = await replicate.run(pro, { input: { prompt: 'a lighthouse' } }, (one) => void seen.push(one));
    expect(await readPicture(output)).toMatchObject({ format: 'jpeg' });
    expect(seen.at(-1)).toMatchObject({
      model: pro,
      version: 'hidden',
      status: 'succeeded',
      input: { prompt: 'a lighthouse' },
      metrics: { predict_time: expect.any(Number) },
    });
    const record = await darkroom.client.status(seen.at(-1)?.id ?? '');
    expect(record).toMatchObject({ wire: 'replicate', payload: { image_size: '2K', image_output_format: 'jpg' } });
  });

  it('runs longer than it waits: the answer says starting, and the client polls', async () => {
    const statuses: string[] = [];
    const input = { prompt: 'slow [[sandbox delay=1700ms]]', num_outputs: 2, output_format: 'png' };
    const output = await replicate.run(
      pro,
      { input, wait: { mode: 'block', timeout: 1 } },
      ({ status }) => void statuses.push(status),
    );
    expect([statuses[0], statuses.at(-1)]).toEqual(['starting', 'succeeded']);
    expect(output).toHaveLength(2);
    expect(await readPicture((output as string[])[0])).toMatchObject({ format: 'png' }); // as was asked for
  });

  it('waits, kept alive by white space', async () => {
    const prediction = await replicate.predictions.create({
      model: pro,
      input: { prompt: 'slow [[sandbox delay=1500ms]]' },
      wait: true,
    });
    expect(prediction.status).toBe('succeeded');
  });

  it('uploads the files of an input, and edits them', async () => {
    const png = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a32' } })
      .png()
      .toBuffer();
    const file = await replicate.files.create(png, { from: 'a test' });
    expect(file).toMatchObject({ content_type: 'image/png', size: png.length, metadata: { from: 'a test' } });
    expect(await replicate.files.get(file.id)).toMatchObject({ size: png.length, urls: file.urls });
    const uploaded = await replicate.predictions.create({
      model: pro,
      input: {
        prompt: 'red',
        image_input: [new Blob([new Uint8Array(png)]), `data:image/png;base64,${png.toString('base64')}`],
      },
      wait: true,
    });
    expect(uploaded).toMatchObject({
      status: 'succeeded',
      input: { image_input: [expect.stringMatching('/media/'), expect.stringMatching('/media/')] },
    });
    const record = await darkroom.client.status(uploaded.id);
    expect(record.payload).toMatchObject({ aspect_ratio: 'auto' });
    expect(await messageOf(replicate.files.create(Buffer.from('no picture')))).toContain('422');
    const masked = {
      prompt: 'x',
      image_input: [file.urls.get],
      mask: `data:image/png;base64,${png.toString('base64')}`,
    };
    expect(await messageOf(replicate.run(pro, { input: masked }))).toMatch(/"field":"input.mask".*no alpha channel/);
  });

  it('creates, waits, lists and cancels', async () => {
    const created = await replicate.predictions.create({ model: pro, input: { prompt: 'x [[sandbox delay=300ms]]' } });
    expect(created).toMatchObject({ status: 'starting', output: null });
    expect(await replicate.wait(created, { interval: 50 })).toMatchObject({ status: 'succeeded' });
    const { id } = await replicate.predictions.create({ model: pro, input: { prompt: 'y [[sandbox delay=300ms]]' } });
    expect(await replicate.predictions.cancel(id)).toMatchObject({ id, status: 'canceled' });
    const { results } = await replicate.predictions.list();
    expect(results.slice(0, 2).map((one) => one.id)).toEqual([id, created.id]);
  });

  it('accepts versions, which the model names', async () => {
    const { latest_version } = await replicate.models.get('google', 'nano-banana-pro');
    const version = latest_version?.id ?? '';
    expect(await replicate.models.versions.get('google', 'nano-banana-pro', version)).toMatchObject({ id: version });
    expect(await replicate.run(`${pro}:${version}`, { input: { prompt: 'x' } })).toContain('/media/');
    const unknown = { version: 'f'.repeat(64), input: { prompt: 'x' } };
    expect(await messageOf(replicate.predictions.create(unknown))).toContain(pro);
  });

  it('fails with a sentence', async () => {
    const input = { prompt: 'x [[sandbox block=PROHIBITED_CONTENT]]' };
    expect(await messageOf(replicate.run(pro, { input }))).toMatch(/^Prediction failed: .*\(prompt_blocked\)$/);
  });

  it('names what it refuses in Replicate’s words', async () => {
    const refuse = (input: object, model = pro) => messageOf(replicate.run(model as typeof pro, { input }));
    const wrong = await refuse({ prompt: 'x', resolution: '9K', num_outputs: 99 });
    expect(wrong).toContain('422');
    expect(wrong).toMatch(/"field":"input.resolution".*"field":"input.num_outputs"/);
    expect(await refuse({ prompt: 'x', strength: 0.5 })).toContain('input.strength is not an input');
    expect(await refuse({ prompt: 'x' }, 'black-forest-labs/flux-pro')).toMatch(/404.*google\/nano-banana-2/);
    expect(await messageOf(new Replicate({ auth: 'wrong', baseUrl: `${darkroom.url}/v1` }).predictions.list())).toMatch(
      /401.*Unauthenticated/,
    );
  });

  it('tells webhooks the prediction, which the client verifies', async () => {
    const receiver = await ScriptedUpstream.start();
    receiver.answer((response) => response.writeHead(200).end());
    const created = await replicate.predictions.create({
      model: pro,
      input: { prompt: 'told' },
      webhook: `${receiver.url}/hook`,
      webhook_events_filter: ['completed'],
    });
    await receiver.untilCalls(1);
    await receiver.close();
    const { key } = await replicate.webhooks.default.secret.get();
    const { headers = {}, body = '' } = receiver.received[0] ?? {};
    const read = (name: string) => String(headers[`webhook-${name}`]);
    const signed = { id: read('id'), timestamp: read('timestamp'), signature: read('signature') };
    expect(await validateWebhook({ ...signed, body, secret: key })).toBe(true);
    expect(JSON.parse(body)).toMatchObject({ id: created.id, status: 'succeeded', input: { prompt: 'told' } });
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
    const output = await cut.run(pro, { input: { prompt: 'cut [[sandbox delay=700ms]]' } });
    expect([tries, String(output)]).toEqual([2, expect.stringContaining('/media/')]);
    expect(upstream.calls()).toBe(before.calls + 1);
    expect((await darkroom.client.list()).total).toBe(before.requests + 1);
  });
});

describe('other ways in', () => {
  it('accepts the AI SDK, which waits and sends its own words', async () => {
    const provider = createReplicate({ baseURL: `${darkroom.url}/v1`, apiToken: darkroom.key });
    const { image } = await generateImage({
      model: provider.image(pro),
      prompt: 'a lighthouse',
      aspectRatio: '16:9',
      seed: 7,
      providerOptions: { replicate: { output_format: 'png', resolution: '1K' } },
    });
    expect(image.mediaType).toBe('image/png');
    const [newest] = (await darkroom.client.list({ limit: 1 })).requests;
    expect(newest?.payload).toMatchObject({ aspect_ratio: '16:9', image_size: '1K', seed: 7 });
  });

  it('accepts the older Token scheme, and addresses without a version', async () => {
    const headers = { authorization: `Token ${darkroom.key}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ input: { prompt: 'x' } });
    for (const base of ['', '/v1', '/v1/v1']) {
      const url = `${darkroom.url}${base}/models/${pro}/predictions`;
      const answer = await fetch(url, { method: 'POST', headers, body });
      expect([answer.status, await answer.json()]).toMatchObject([201, { status: 'starting', model: pro }]);
    }
  });
});
