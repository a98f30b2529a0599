import type { AttemptRecord, ModelDetail, Pixels, TierChoice } from '@darkroom/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/** Every model that an operator adds or changes × size × ratio × quality × tier, through a whole Darkroom to the sandbox. */

const square = '1024x1024';
const settings = [
  {
    id: 'by-the-picture',
    provider: 'openai',
    upstream_id: 'gpt-image-2',
    pixels: {
      '1K': { '1:1': square, '16:9': '1536x864' },
      '2K': { '1:1': '2048x2048', '3:1': '3072x1024' },
    },
    price_per_image: { '1K': 0.02, '2K': 0.055 },
  },
  {
    id: 'for-nothing',
    provider: 'openai',
    upstream_id: 'gpt-image-2',
    pixels: { L: { '1:1': square } },
    price_per_image: 0,
  },
  {
    id: 'by-the-token',
    provider: 'openai',
    upstream_id: 'gpt-image-1-mini',
    pixels: { '1K': { '1:1': square } },
    qualities: ['medium'],
    price_per_million_tokens: { prompt: 4, image: 16, text: 7 },
    image_tokens: { '1K': 1375 },
  },
  {
    id: 'gemini-nano-banana-2.1',
    sizes: ['1K', '2K'],
    aspect_ratios: ['1:1', '8:1'],
    price_per_million_tokens: { prompt: 1, image: 25, text: 2 },
  },
  { id: 'gpt-image-1.5', price_per_million_tokens: { image: 20 } },
] as const;

const drawn = new Map<string, Pixels>();
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;
let details: readonly ModelDetail[];

beforeAll(async () => {
  const tiny = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#a32' } })
    .png()
    .toBuffer();
  upstream = await startUpstream(async ({ prompt, pixels }) => {
    drawn.set(prompt, pixels);
    return tiny;
  });
  const url = upstream.settings.GEMINI_BASE_URL;
  darkroom = await startServer({
    DARKROOM_UPSTREAMS: [
      { name: 'gemini', api_key: 'key-of-google', base_url: url },
      { name: 'gpt', provider: 'openai', api_key: 'key-of-openai', base_url: `${url}/v1` },
    ],
    DARKROOM_MODELS: settings,
  });
  details = (await darkroom.client.models()).models;
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.stop();
});

it.each(settings.map(({ id }) => id))('%s draws its pixels and settles at its estimate', async (id) => {
  const detail = details.find(({ model }) => model === id);
  if (!detail) throw new Error(`Nobody is offered ${id}.`);
  const qualities = detail.parameters.find(({ name }) => name === 'quality')?.options ?? [undefined];
  // A picture of the quality `auto` has no price before it is made.
  const priced = qualities.filter((quality) => quality !== 'auto');
  const cases = Object.entries(detail.pixels).flatMap(([image_size, ratios]) =>
    Object.keys(ratios).flatMap((aspect_ratio) =>
      priced.flatMap((quality) => toTiers(detail).map((tier) => ({ image_size, aspect_ratio, quality, tier }))),
    ),
  );
  await Promise.all(cases.map((one) => check(detail, one)));
});

interface Case {
  readonly image_size: string;
  readonly aspect_ratio: string;
  readonly quality: string | undefined;
  readonly tier: TierChoice;
}

async function check(detail: ModelDetail, { image_size, aspect_ratio, quality, tier }: Case): Promise<void> {
  const { model, pixels, prices } = detail;
  const prompt = `${model} at ${image_size} in ${aspect_ratio}, ${quality}, ${tier}`;
  const payload = { prompt, image_size, aspect_ratio, ...(quality && { quality }) };
  const { request_id } = await darkroom.client.submit({ model, payload, serviceTier: tier });
  const record = await darkroom.client.wait(request_id);
  expect(record.error, prompt).toBeUndefined();
  expect(drawn.get(prompt), prompt).toEqual(pixels[image_size]?.[aspect_ratio]);
  const { attempts } = await darkroom.client.attempts(request_id);
  const words = toWords(attempts) * prices.per_token.text * (prices.per_tier?.[tier] ?? 1);
  expect(record.cost_usd - words / 1e6, prompt).toBeCloseTo(record.estimated_cost_usd, 5);
}

function toTiers({ prices }: ModelDetail): readonly TierChoice[] {
  return (['standard', 'flex', 'priority'] as const).filter((tier) => tier === 'standard' || prices.per_tier?.[tier]);
}

/** What a model says and thinks is beyond the estimate. */
function toWords(attempts: readonly AttemptRecord[]): number {
  return attempts.reduce((sum, { usage }) => sum + (usage?.text_tokens ?? 0) + (usage?.thought_tokens ?? 0), 0);
}
