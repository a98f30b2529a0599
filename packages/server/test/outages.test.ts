import { setTimeout as pause } from 'node:timers/promises';
import type { AttemptRecord, RequestRecord } from '@darkroom/protocol';
import { type Illustrate, stageOpenaiRefusal, stageRefusal } from '@darkroom/sandbox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createModelSpec } from '../src/models/create-model-spec.ts';
import { createModelRegistry } from '../src/models/registry.ts';
import { googleModels } from '../src/providers/google/models.ts';
import { openaiModels } from '../src/providers/openai/models.ts';
import { JumpingClock } from './chaos/jumping-clock.ts';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/**
 * A whole Darkroom with an account of Google and one of OpenAI, each a sandbox, while one of them serves nothing for an hour of the
 * service's clock. A model of the other makes the pictures meanwhile.
 */

/** A vendor's service, and what it refuses every picture with. */
class Vendor {
  refusal: Error | undefined;
  /** How many pictures it has made, and charged for. */
  made = 0;
  readonly illustrate: Illustrate = async (order) => {
    if (this.refusal) throw this.refusal;
    this.made += 1;
    return drawPlain({ ...order, pixels: { width: 64, height: 64 } });
  };
}

const vendors = { gemini: new Vendor(), gpt: new Vendor() };
type Account = keyof typeof vendors;

const modelOf = { gemini: 'gemini-nano-banana-2.1', gpt: 'gpt-image-2' } as const;
const other = { gemini: 'gpt', gpt: 'gemini' } as const satisfies Record<Account, Account>;

const models = createModelRegistry([...googleModels, ...openaiModels].map((entry) => createModelSpec(entry)));
const hourMs = 3_600_000;
const closing: (() => Promise<void>)[] = [];
const clock = new JumpingClock({ aheadMs: 0, steppedMs: 0 });
let aheadMs = 0;
let darkroom: TestServer;

beforeAll(async () => {
  const google = await startUpstream(vendors.gemini.illustrate);
  closing.push(google.stop);
  const openai = await startUpstream(vendors.gpt.illustrate);
  closing.push(openai.stop);
  darkroom = await startServer(
    {
      DARKROOM_UPSTREAMS: [
        { name: 'gemini', api_key: 'key-of-google', base_url: google.settings.GEMINI_BASE_URL },
        {
          name: 'gpt',
          provider: 'openai',
          api_key: 'key-of-openai',
          base_url: `${openai.settings.GEMINI_BASE_URL}/v1`,
        },
      ],
      DARKROOM_MODELS: [
        { id: modelOf.gemini, fallback: [{ model: modelOf.gpt, when: ['overloaded', 'resting'] }] },
        { id: modelOf.gpt, fallback: [{ model: modelOf.gemini, when: ['overloaded', 'resting'] }] },
      ],
    },
    { clock },
  );
  closing.push(darkroom.stop);
});

afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function pass(ms: number): void {
  aheadMs += ms;
  clock.set({ aheadMs, steppedMs: 0 });
}

async function make(model: string, images: number): Promise<RequestRecord> {
  const { client } = darkroom;
  const payload = { prompt: 'a lighthouse', number_of_images: images };
  const { request_id } = await client.submit({ model, payload });
  for (;;) {
    const record = await client.status(request_id);
    if (record.status !== 'queued' && record.status !== 'processing') return record;
    // Waits between tries last seconds.
    pass(500);
    await pause(10);
  }
}

/** What a call has cost by the prices of the model that answered it. */
function toCost({ usage, stand_in: standIn }: AttemptRecord, model: string): number {
  if (!usage) return 0;
  const { prompt_tokens, image_tokens, text_tokens, thought_tokens, total_tokens } = usage;
  const micros = models.find(standIn?.model ?? model)?.cost({
    promptTokens: prompt_tokens,
    imageTokens: image_tokens,
    textTokens: text_tokens,
    thoughtTokens: thought_tokens,
    totalTokens: total_tokens,
  });
  return (micros ?? 0) / 1e6;
}

/** Each of its pictures was paid once, to `account`, at the prices of the model that made it. */
async function expectPaid(record: RequestRecord, account: Account, pictures: number): Promise<void> {
  const { attempts } = await darkroom.client.attempts(record.request_id);
  const paid = attempts.filter(({ cost_usd }) => cost_usd > 0);
  expect(paid.map(({ upstream }) => upstream)).toEqual(Array.from({ length: pictures }, () => account));
  expect(record).toMatchObject({ status: 'success', outcome: { media_urls: { length: pictures } } });
  const cost = attempts.reduce((sum, one) => sum + toCost(one, record.model), 0);
  expect(record.cost_usd).toBeCloseTo(cost, 9);
  expect(cost).toBeGreaterThan(0.03 * pictures);
}

const outages = [
  ['gemini', 'answers 503', stageRefusal(503, { model: '' }), 60_000],
  // The quota comes back at midnight.
  ['gemini', 'has no quota left', stageRefusal(429, { model: modelOf.gemini, kind: 'day' }), 25 * hourMs],
  ['gpt', 'answers 503', stageOpenaiRefusal(503, { model: '' }), 60_000],
  ['gpt', 'has no quota left', stageOpenaiRefusal(429, { model: modelOf.gpt, kind: 'prepay' }), 600_000],
] as const;

it.each(outages)(
  'while the account %s %s for an hour, the other vendor finishes its requests, each picture paid once',
  async (account, _what, refusal, recoversMs) => {
    const model = modelOf[account];
    const standIn = other[account];
    const before = { own: vendors[account].made, other: vendors[standIn].made };
    const { total: spent } = await darkroom.client.usage();
    vendors[account].refusal = refusal;
    const records: RequestRecord[] = [];
    let pictures = 0;
    const isOver = clock.now() + hourMs;
    for (let images = 1; clock.now() < isOver; images = (images % 2) + 1) {
      const record = await make(model, images);
      expect(record).toMatchObject({ model, outcome: { stand_in: { model: modelOf[standIn] } } });
      await expectPaid(record, standIn, images);
      records.push(record);
      pictures += images;
      pass(hourMs / 4);
    }
    vendors[account].refusal = undefined;
    expect(vendors[standIn].made - before.other).toBe(pictures);
    expect(vendors[account].made).toBe(before.own);

    pass(recoversMs);
    const own = await make(model, 1);
    expect(own.outcome).not.toHaveProperty('stand_in');
    await expectPaid(own, account, 1);
    const { total } = await darkroom.client.usage();
    const costs = [...records, own].reduce((sum, { cost_usd }) => sum + cost_usd, 0);
    expect(total.cost_usd - spent.cost_usd).toBeCloseTo(costs, 6);
  },
);
