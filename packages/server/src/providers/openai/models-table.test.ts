import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { automaticRatio, type Pixels } from '@darkroom/protocol';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawPlain } from '../../../test/draw-plain.ts';
import type { Usage } from '../../core/usage.ts';
import { createModelSpec } from '../../models/create-model-spec.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import { systemClock } from '../../platform/clock.ts';
import type { ConnectedModel } from '../provider.ts';
import { openaiProvider } from './openai-provider.ts';

/** Every model × size × ratio × quality through the real client and the sandbox, which has its own tables. */
let folder: string;
let sandbox: SandboxServer;
let model: ConnectedModel;
const drawn = new Map<string, Pixels>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'darkroom-table-'));
  const order = { prompt: '', edits: [], references: [], take: { scene: 1, shade: 0 } };
  const tiny = await drawPlain({ ...order, pixels: { width: 1, height: 1 } });
  sandbox = createSandboxServer({
    host: '127.0.0.1',
    port: 0,
    spoolFolder: folder,
    illustrate: async ({ prompt, pixels }) => {
      drawn.set(prompt, pixels);
      return tiny;
    },
  });
  await sandbox.start();
  model = openaiProvider.connect({ apiKey: 'any-key', baseUrl: `${sandbox.url}/v1` }, { clock: systemClock });
});

afterAll(async () => {
  await model.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

const specs = openaiProvider.models.map((entry) => createModelSpec(entry));

it.each(specs.flatMap((spec) => (spec.limits.qualities ?? []).map((quality) => [spec.id, quality, spec] as const)))(
  '%s in quality %s draws the pixels that it promises and settles at its estimate',
  async (id, quality, spec) => {
    const check = async (imageSize: string, aspectRatio: string) => {
      const prompt = `${id} at ${imageSize} in ${aspectRatio}, ${quality}`;
      const order = toOrder(spec, { prompt, image_size: imageSize, aspect_ratio: aspectRatio, quality });
      const usage = await draw(prompt, spec, order);
      const estimate = spec.price(order);
      if (aspectRatio === automaticRatio) return expect(spec.cost(usage)).toBeLessThanOrEqual(estimate);
      expect(drawn.get(prompt), prompt).toEqual(spec.pixels(order));
      expect(spec.cost(usage), prompt).toBe(estimate);
    };
    for (const size of spec.limits.imageSizes)
      await Promise.all(spec.limits.aspectRatios.map((ratio) => check(size, ratio)));
  },
);

function toOrder(spec: ModelSpec, payload: object) {
  const parsed = spec.parse(payload, 'model');
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
  return spec.toOrder(parsed.payload, []);
}

async function draw(text: string, spec: ModelSpec, order: ReturnType<typeof toOrder>): Promise<Usage> {
  const spoolFolder = await mkdtemp(path.join(folder, 'call-'));
  const pixels = spec.pixels(order);
  const answer = await model.generate(
    {
      upstreamModel: spec.upstreamId,
      turns: [{ role: 'user', parts: [{ kind: 'text', text }] }],
      parameters: order.parameters,
      ...(pixels && { pixels }),
      format: 'png',
      imageIndex: 0,
      serviceTier: 'standard',
      spoolFolder,
      timeoutMs: 10_000,
    },
    new AbortController().signal,
  );
  if (answer.kind !== 'pictures' || !answer.usage) throw new Error(JSON.stringify(answer));
  return answer.usage;
}
