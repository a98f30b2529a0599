import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModelSpec } from '../../../models/create-model-spec.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { BatchModel, EndedBatch, KeyedAnswer, KeyedCall, NamedJob } from '../../batch-model.ts';
import type { ImageCall, TurnPart } from '../../image-model.ts';
import { GoogleImageModel } from '../google-image-model.ts';
import { googleModels } from '../models.ts';
import { createStudioService } from '../studio-service.ts';

/** Our client of Google's batch jobs, before the sandbox. */

let folder: string;
let sandbox: SandboxServer;
let model: GoogleImageModel;
let batches: BatchModel;
let tiny: Buffer;

const { signal } = new AbortController();
const connect = (baseUrl: string) =>
  new GoogleImageModel({ service: createStudioService({ baseUrl, apiKey: 'any-key' }), clock: systemClock });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-google-batches-'));
  tiny = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a32' } })
    .jpeg()
    .toBuffer();
  const illustrate = async () => tiny;
  sandbox = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder: folder, illustrate, batchDelayMs: 0 });
  await sandbox.start();
  model = connect(sandbox.url);
  batches = toBatches(model);
});
afterAll(async () => {
  await model.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

function toBatches({ batches: some }: GoogleImageModel): BatchModel {
  if (!some) throw new Error('There are no batch jobs.');
  return some;
}

function toCall(
  prompt: string,
  { parts = [], ...changes }: Partial<ImageCall> & { parts?: TurnPart[] } = {},
): ImageCall {
  return {
    upstreamModel: 'gemini-3-pro-image',
    turns: [{ role: 'user', parts: [{ kind: 'text', text: prompt }, ...parts] }],
    parameters: { imageSize: '1K', aspectRatio: '1:1' },
    imageIndex: 0,
    serviceTier: 'batch',
    spoolFolder: folder,
    timeoutMs: 1_000,
    ...changes,
  };
}

async function make(id: string, calls: readonly KeyedCall[], upstreamModel = 'gemini-3-pro-image'): Promise<NamedJob> {
  const created = await batches.create({ id, upstreamModel, calls, beforeSending: async () => true }, signal);
  if (created.kind !== 'created') throw new Error(JSON.stringify(created));
  return { id, upstreamName: created.upstreamName, calls: calls.length };
}

async function untilEnded(job: NamedJob): Promise<EndedBatch> {
  for (;;) {
    const look = await batches.look(job, { folder, signal });
    if (look.kind === 'ended') return look;
    if (look.kind !== 'waiting') throw new Error(JSON.stringify(look));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function readAll({ answers }: EndedBatch): Promise<ReadonlyMap<string, KeyedAnswer['answer']>> {
  const read = new Map<string, KeyedAnswer['answer']>();
  for await (const { key, answer } of answers) read.set(key, answer);
  return read;
}

describe('a batch job', () => {
  it('brings the answer of each call, by its key, as a call of the batch tier', async () => {
    const job = await make('job-inline', [
      { key: 'one', call: toCall('a fox') },
      { key: 'two', call: toCall('a hen [[sandbox status=429]]') },
    ]);
    expect(await batches.find('job-inline', { folder, signal })).toEqual({
      kind: 'found',
      upstreamName: job.upstreamName,
    });
    expect(await batches.find('another', { folder, signal })).toEqual({ kind: 'missing' });
    const ended = await untilEnded(job);
    expect(ended).toMatchObject({ state: 'succeeded', rest: { kind: 'failed', isPossiblyBilled: true } });
    const read = await readAll(ended);
    expect(read.get('one')).toMatchObject({ kind: 'pictures', serviceTier: 'batch', parts: [{}, { kind: 'picture' }] });
    expect(read.get('two')).toMatchObject({ kind: 'failed', isPossiblyBilled: false });
    await ended.remove(signal);
    expect(await batches.look(job, { folder, signal })).toEqual({ kind: 'missing' });
  });

  it('with more than 20 MB of calls goes in a file and comes back in one', async () => {
    const bytes = 8_000_000;
    const large = { path: path.join(folder, 'large.jpg'), bytes };
    await writeFile(large.path, Buffer.concat([tiny, Buffer.alloc(bytes - tiny.length)]));
    const parts: TurnPart[] = [{ kind: 'picture', file: large, mimeType: 'image/jpeg' }];
    const calls = ['one', 'two'].map((key) => ({ key, call: toCall(`a fox, ${key}`, { parts }) }));
    expect(batches.bytesOf(toCall('a fox', { parts }))).toBeGreaterThan((bytes / 3) * 4);
    const ended = await untilEnded(await make('job-file', calls));
    const read = await readAll(ended);
    expect([...read].map(([key, { kind }]) => [key, kind])).toEqual([
      ['one', 'pictures'],
      ['two', 'pictures'],
    ]);
    await ended.remove(signal);
  });

  it('that is cancelled brings what was made, and says of the rest that it was not', async () => {
    const job = await make('job-cancelled', [{ key: 'one', call: toCall('a fox [[sandbox delay=1m]]') }]);
    expect(await batches.cancel(job.upstreamName, signal)).toBeUndefined();
    const ended = await untilEnded(job);
    expect(ended).toMatchObject({ state: 'cancelled', rest: { kind: 'interrupted' } });
  });

  it('is not asked for when the one who makes it says so', async () => {
    const order = { id: 'unsent', upstreamModel: 'gemini-3-pro-image', calls: [], beforeSending: async () => false };
    expect(await batches.create(order, signal)).toEqual({ kind: 'unsent' });
    expect(await batches.find('unsent', { folder, signal })).toEqual({ kind: 'missing' });
  });
});

describe('the call that makes a job', () => {
  let server: Server;
  let status = 200;
  let failing: GoogleImageModel;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (status === 0) response.destroy();
        else response.writeHead(status).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('It does not listen.');
    failing = connect(`http://127.0.0.1:${address.port}`);
  });
  afterAll(async () => {
    await failing.close();
    server.close();
  });

  it.each([
    [400, 'refused'],
    [429, 'refused'],
    [500, 'unknown'],
    [503, 'unknown'],
    [200, 'unknown'],
    [0, 'unknown'],
  ])('answered with %i is %s', async (answered, kind) => {
    status = answered;
    const calls = [{ key: 'one', call: toCall('a fox') }];
    const order = { id: 'lost', upstreamModel: 'gemini-3-pro-image', calls, beforeSending: async () => true };
    expect(await toBatches(failing).create(order, signal)).toMatchObject({ kind });
  });
});

const specs = googleModels
  .map((entry) => createModelSpec(entry))
  .filter(({ prices }) => prices.tiers?.batch !== undefined);

it.each(specs.map((spec) => [spec.id, spec] as const))(
  '%s settles at its estimate in every size and ratio',
  async (id, spec) => {
    const shapes = spec.limits.imageSizes.flatMap((imageSize) =>
      spec.limits.aspectRatios.map((aspectRatio) => ({ imageSize, aspectRatio })),
    );
    const orders = shapes.map(({ imageSize, aspectRatio }) => {
      const prompt = `a fox at ${imageSize} in ${aspectRatio}`;
      const parsed = spec.parse({ prompt, image_size: imageSize, aspect_ratio: aspectRatio }, 'model');
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
      return { key: prompt, order: spec.toOrder(parsed.payload, []) };
    });
    const calls = orders.map(({ key, order }) => ({
      key,
      call: toCall(key, { upstreamModel: spec.upstreamId, parameters: order.parameters }),
    }));
    const read = await readAll(await untilEnded(await make(`job-${id}`.slice(0, 40), calls, spec.upstreamId)));
    for (const { key, order } of orders) {
      const answer = read.get(key);
      if (answer?.kind !== 'pictures' || !answer.usage) throw new Error(`${key}: ${JSON.stringify(answer)}`);
      const { usage, serviceTier } = answer;
      const words = (usage.textTokens + usage.thoughtTokens) * spec.prices.textToken;
      const cost = spec.cost(usage, { tier: serviceTier });
      // Half of the price of what was drawn and said, to the next micro-dollar.
      expect(Math.abs(cost - words / 2 - spec.price(order, 'batch')), key).toBeLessThanOrEqual(1);
      expect(spec.price(order, 'batch')).toBe(Math.ceil(spec.price(order) / 2));
    }
  },
);
