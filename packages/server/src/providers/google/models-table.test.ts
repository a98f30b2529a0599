import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { automaticRatio, type Pixels } from '@darkroom/protocol';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawPlain } from '../../../test/draw-plain.ts';
import type { Usage } from '../../core/usage.ts';
import { createModelSpec } from '../../models/create-model-spec.ts';
import { systemClock } from '../../platform/clock.ts';
import type { ImageCall } from '../image-model.ts';
import type { ConnectedModel } from '../provider.ts';
import { googleProvider } from './google-provider.ts';

/**
 * Every model × size × ratio through the real client and the sandbox, which has its own tables. The drawer notes the pixels that
 * it is asked for, and draws one.
 */
let folder: string;
let sandbox: SandboxServer;
let model: ConnectedModel;
const drawn = new Map<string, Pixels>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'darkroom-table-'));
  const tiny = await drawPlain({
    prompt: '',
    edits: [],
    references: [],
    take: { scene: 1, shade: 0 },
    pixels: { width: 1, height: 1 },
  });
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
  model = googleProvider.connect({ apiKey: 'any-key', baseUrl: sandbox.url }, { clock: systemClock });
});

afterAll(async () => {
  await model.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

const specs = googleProvider.models.map((entry) => createModelSpec(entry));

it.each(specs.flatMap((spec) => spec.limits.imageSizes.map((size) => [spec.id, size, spec] as const)))(
  '%s at %s draws the pixels that it promises and settles at its estimate, in every ratio',
  async (id, imageSize, spec) => {
    const check = async (aspectRatio: string) => {
      const prompt = `${id} at ${imageSize} in ${aspectRatio}`;
      const parsed = spec.parse({ prompt, image_size: imageSize, aspect_ratio: aspectRatio }, 'model');
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
      const order = spec.toOrder(parsed.payload, []);
      const usage = await draw(prompt, { upstreamModel: spec.upstreamId, parameters: order.parameters });
      if (aspectRatio !== automaticRatio) expect(drawn.get(prompt), aspectRatio).toEqual(spec.pixels(order));
      // What the model says and thinks is beyond the estimate, which it never doubles.
      const words = (usage.textTokens + usage.thoughtTokens) * spec.prices.textToken;
      expect(spec.cost(usage) - words, aspectRatio).toBe(spec.price(order));
      expect(words).toBeLessThan(spec.price(order));
    };
    await Promise.all(spec.limits.aspectRatios.map(check));
  },
);

async function draw(text: string, order: Pick<ImageCall, 'upstreamModel' | 'parameters'>): Promise<Usage> {
  const spoolFolder = await mkdtemp(path.join(folder, 'call-'));
  const turns = [{ role: 'user', parts: [{ kind: 'text', text }] }] as const;
  const rest = { format: 'png', imageIndex: 0, serviceTier: 'standard', spoolFolder, timeoutMs: 10_000 } as const;
  const call: ImageCall = { ...order, ...rest, turns };
  const answer = await model.generate(call, new AbortController().signal);
  if (answer.kind !== 'pictures' || !answer.usage) throw new Error(JSON.stringify(answer));
  return answer.usage;
}
