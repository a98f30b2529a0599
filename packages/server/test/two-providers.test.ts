import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RequestRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import OpenAI, { BadRequestError, toFile } from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';

/** A whole Darkroom with an account of Google and one of OpenAI; the sandbox takes the part of both. */

let folder: string;
let sandbox: SandboxServer;
let darkroom: TestServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-two-'));
  sandbox = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder: folder, illustrate: drawPlain });
  await sandbox.start();
  const upstreams = [
    { name: 'gemini', provider: 'google', api_key: 'key-of-google', base_url: sandbox.url },
    { name: 'gpt', provider: 'openai', api_key: 'key-of-openai', base_url: `${sandbox.url}/v1` },
  ];
  darkroom = await startServer({ DARKROOM_UPSTREAMS: JSON.stringify(upstreams) });
});
afterAll(async () => {
  await darkroom.stop();
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

async function make(model: string, payload: object): Promise<RequestRecord> {
  const { request_id } = await darkroom.client.submit({ model, payload: { prompt: 'a lighthouse', ...payload } });
  return darkroom.client.wait(request_id);
}

async function read(record: RequestRecord): Promise<Buffer> {
  expect(record.error).toBeUndefined();
  const [media] = (record.outcome as SuccessOutcomeRecord).media_urls; // it has not failed
  return Buffer.from(await (await fetch(media?.url ?? '')).arrayBuffer());
}

async function toUri(width: number, height: number, background: string): Promise<string> {
  const png = await sharp({ create: { width, height, channels: 4, background } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

const prompt = 'a lighthouse';
const promptTokens = prompt.length / 4;

describe('with upstreams of two providers', () => {
  it('callers are offered the models of both', async () => {
    const { model_ids: ids } = await darkroom.client.models();
    expect(ids).toEqual(expect.arrayContaining(['gemini-3-pro-image', 'gpt-image-2', 'gpt-image-1-mini']));
  });

  it.each([
    ['gpt-image-2', {}, { width: 1024, height: 1024 }, 1756 * 30 + promptTokens * 5],
    [
      'gpt-image-2',
      { image_size: '2K', aspect_ratio: '16:9', quality: 'low' },
      { width: 2560, height: 1440 },
      undefined,
    ],
    [
      'gpt-image-1.5',
      { aspect_ratio: '3:2', quality: 'high' },
      { width: 1536, height: 1024 },
      6208 * 32 + promptTokens * 5,
    ],
    ['gpt-image-1-mini', { image_output_format: 'webp' }, { width: 1024, height: 1024 }, 1375 * 8 + promptTokens * 2],
  ])('a picture of %s with %j has its pixels and costs what was estimated', async (model, payload, pixels, micros) => {
    const record = await make(model, payload);
    expect(await sharp(await read(record)).metadata()).toMatchObject(pixels);
    expect(record.cost_usd).toBe(record.estimated_cost_usd);
    if (micros !== undefined) expect(record.cost_usd).toBeCloseTo(micros / 1e6, 6);
    const { attempts } = await darkroom.client.attempts(record.request_id);
    expect(attempts).toMatchObject([{ upstream: 'gpt', result: 'succeeded', possibly_billed: false }]);
  });

  it('each request goes to the account of its model', async () => {
    const record = await make('gemini-3-pro-image', {});
    await read(record);
    const { attempts } = await darkroom.client.attempts(record.request_id);
    expect(attempts).toMatchObject([{ upstream: 'gemini' }]);
  });

  it('an edit pays for its references at the price of pictures', async () => {
    const record = await make('gpt-image-2', { image: [await toUri(64, 64, 'red'), await toUri(32, 32, 'blue')] });
    await read(record);
    expect(record.cost_usd).toBeCloseTo((1756 * 30 + promptTokens * 5 + 2 * 1024 * 8) / 1e6, 6);
    expect(record.cost_usd).toBe(record.estimated_cost_usd);
  });

  it('beside a mask, the original stays where the mask is opaque', async () => {
    const half = await sharp({ create: { width: 96, height: 64, channels: 4, background: '#0000' } })
      .composite([{ input: { create: { width: 48, height: 64, channels: 4, background: '#000' } }, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const mask = `data:image/png;base64,${half.toString('base64')}`;
    const record = await make('gpt-image-2', { image: await toUri(96, 64, '#f00'), mask });
    const { data, info } = await sharp(await read(record))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 96, height: 64 });
    expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
    const last = data.length - 3;
    expect([...data.subarray(last)]).not.toEqual([255, 0, 0]);
  });

  it('an edit over two turns sends the last picture and the newest prompt', async () => {
    const first = await make('gpt-image-1-mini', {});
    const record = await make('gpt-image-1-mini', { prompt: 'at night', previous_request_id: first.request_id });
    await read(record);
    // The picture of the first turn, and two tokens of words.
    expect(record.cost_usd).toBeCloseTo((1375 * 8 + 2 * 2 + 194 * 2.5) / 1e6, 6);
  });

  it.each([
    ['block=PROHIBITED', 'prompt_blocked'],
    ['finish=IMAGE_SAFETY', 'image_blocked'],
  ])('what the moderation stops (%s) is the caller’s to change, and is not sent again', async (directive, code) => {
    const words = `a lighthouse [[sandbox ${directive}]]`;
    const record = await make('gpt-image-2', { prompt: words });
    expect(record).toMatchObject({ status: 'failed', outcome: { error: { code, blame: 'caller' } } });
    const { attempts } = await darkroom.client.attempts(record.request_id);
    expect(attempts).toHaveLength(1);
  });

  it('an overload and a limit of the account are waited out', async () => {
    const [busy, limited] = await Promise.all([
      make('gpt-image-2', { prompt: 'a buoy [[sandbox status=503 times=1]]' }),
      make('gpt-image-1-mini', { prompt: 'a gull [[sandbox status=429 retry=1s times=1]]' }),
    ]);
    for (const record of [busy, limited]) {
      await read(record);
      expect(record.cost_usd).toBe(record.estimated_cost_usd);
    }
  });

  it('OpenAI’s client reaches OpenAI’s models through Darkroom with its own words', async () => {
    const openai = new OpenAI({ baseURL: `${darkroom.url}/v1`, apiKey: darkroom.key });
    const wish = { size: '1536x864', quality: 'low', background: 'transparent' } as const;
    const made = await openai.images.generate({ model: 'gpt-image-2', prompt: 'a pier', ...wish });
    expect(made).toMatchObject({ ...wish, output_format: 'png' });
    expect(made.usage?.output_tokens_details?.image_tokens).toBe(120);
  });

  it('a payload says what its model takes, and hears of the rest by name', async () => {
    const refuse = (model: string, payload: object) => expect(make(model, payload)).rejects;
    await refuse('gpt-image-2', { seed: 1 }).toThrow(/payload\.seed is not supported by this model/);
    await refuse('gpt-image-2', { quality: 'max' }).toThrow(/payload\.quality must be one of "medium", "low"/);
    await refuse('gpt-image-2', { background: 'transparent', image_output_format: 'jpeg' }).toThrow(
      /payload\.background cannot be "transparent" in a JPEG/,
    );
    await refuse('gemini-3-pro-image', { quality: 'low' }).toThrow(/payload\.quality is not supported by this model/);
  });
});

describe('the sandbox', () => {
  it('serves OpenAI’s own client unmodified: the list, a picture, an edit with a mask, a refusal', async () => {
    const openai = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'any-key', maxRetries: 0 });
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain('gpt-image-2');
    const made = await openai.images.generate({ model: 'gpt-image-1-mini', prompt: 'a pier', n: 2 });
    expect(made.data).toHaveLength(2);
    const png = Buffer.from((await toUri(64, 32, '#0000')).replace(/^.*,/, ''), 'base64');
    const file = (name: string) => toFile(png, name, { type: 'image/png' });
    const edit = { model: 'gpt-image-2', prompt: 'night', image: await file('a.png'), mask: await file('m.png') };
    const edited = await openai.images.edit(edit);
    expect(edited).toMatchObject({ size: '1536x1024', usage: { input_tokens_details: { image_tokens: 1024 } } });
    const refused = openai.images.generate({ model: 'gpt-image-2', prompt: 'x', response_format: 'url' });
    await expect(refused).rejects.toThrow(BadRequestError);
  });
});
