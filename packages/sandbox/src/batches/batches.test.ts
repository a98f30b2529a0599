import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BatchJob, GoogleGenAI } from '@google/genai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxServer, type SandboxServer } from '../sandbox-server.ts';

/** Google's own SDK, unmodified, with the batch jobs of the sandbox. */

let folder: string;
let sandbox: SandboxServer;
let ai: GoogleGenAI;

const model = 'gemini-3-pro-image';
const config = { responseModalities: ['TEXT', 'IMAGE'] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-batches-'));
  sandbox = createSandboxServer({
    host: '127.0.0.1',
    port: 0,
    spoolFolder: folder,
    batchDelayMs: 20,
    illustrate: () =>
      sharp({ create: { width: 32, height: 32, channels: 3, background: '#a32' } })
        .jpeg()
        .toBuffer(),
  });
  await sandbox.start();
  ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: sandbox.url, apiVersion: 'v1beta' } });
});
afterAll(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

async function untilDone({ name = '' }: BatchJob): Promise<BatchJob> {
  for (;;) {
    const job = await ai.batches.get({ name });
    if (job.endTime !== undefined) return job;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const ask = (text: string) => ({ contents: [{ role: 'user', parts: [{ text }] }], config });

describe('a batch job with inlined calls', () => {
  it('answers each call as generateContent does, by its metadata', async () => {
    const job = await ai.batches.create({
      model,
      src: [
        { ...ask('a fox'), metadata: { key: 'one' } },
        { ...ask('a fox [[sandbox status=400]]'), metadata: { key: 'two' } },
      ],
      config: { displayName: 'two foxes' },
    });
    expect(job).toMatchObject({ state: 'JOB_STATE_PENDING', displayName: 'two foxes', model: `models/${model}` });
    const { state, dest } = await untilDone(job);
    expect(state).toBe('JOB_STATE_SUCCEEDED');
    const [one, two] = dest?.inlinedResponses ?? [];
    expect(one?.metadata).toEqual({ key: 'one' });
    const parts = one?.response?.candidates?.[0]?.content?.parts ?? [];
    expect(parts.some(({ inlineData }) => (inlineData?.data?.length ?? 0) > 100)).toBe(true);
    expect(two).toMatchObject({ metadata: { key: 'two' }, error: { code: 3 } });
  });

  it('is listed, and is gone when it is deleted', async () => {
    const { name = '' } = await untilDone(await ai.batches.create({ model, src: [ask('a heron')] }));
    const listed = await ai.batches.list();
    expect(listed.page.map((job) => job.name)).toContain(name);
    await ai.batches.delete({ name });
    await expect(ai.batches.get({ name })).rejects.toMatchObject({ status: 404 });
  });

  it('ends when it is cancelled, and makes no call after that', async () => {
    const { name = '' } = await ai.batches.create({
      model,
      src: [ask('a slow fox [[sandbox delay=5s]]'), ask('late')],
    });
    await ai.batches.cancel({ name });
    expect(await ai.batches.get({ name })).toMatchObject({ state: 'JOB_STATE_CANCELLED' });
  });

  it('expires or fails as a prompt says', async () => {
    const src = [ask('a fox'), ask('a hen [[sandbox batch=expire]]')];
    const expired = await untilDone(await ai.batches.create({ model, src }));
    expect([expired.state, expired.dest?.inlinedResponses?.length]).toEqual(['JOB_STATE_EXPIRED', 1]);
    const failed = await ai.batches.create({ model, src: [ask('[[sandbox batch=fail]]')] });
    expect((await untilDone(failed)).state).toBe('JOB_STATE_FAILED');
  });
});

it('a batch job with a file of calls brings a file of answers', async () => {
  const lines = ['one', 'two'].map((key) => {
    const contents = [{ role: 'user', parts: [{ text: `a fox, ${key}` }] }];
    return JSON.stringify({ key, request: { contents, generation_config: config } });
  });
  const file = join(folder, 'calls.jsonl');
  await writeFile(file, `${lines.join('\n')}\n`);
  const uploaded = await ai.files.upload({ file, config: { mimeType: 'jsonl', name: 'my-calls' } });
  expect(uploaded.name).toBe('files/my-calls');
  const job = await untilDone(await ai.batches.create({ model, src: uploaded.name ?? '' }));
  const answers = job.dest?.fileName ?? '';
  const downloadPath = join(folder, 'answers.jsonl');
  await ai.files.download({ file: answers, downloadPath });
  // The download goes on after the SDK's promise.
  let text = '';
  while (text.split('\n').length < 3) text = await readFile(downloadPath, 'utf8').catch(() => '');
  const read = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(read.map(({ key, response }) => [key, response.candidates[0].finishReason])).toEqual([
    ['one', 'STOP'],
    ['two', 'STOP'],
  ]);
  await ai.files.delete({ name: answers });
  await expect(ai.files.get({ name: answers })).rejects.toMatchObject({ status: 403 });
});
