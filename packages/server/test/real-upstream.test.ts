import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeChecks } from '../src/compose-tools.ts';
import { loadConfig, type SettingValues } from '../src/config/load-config.ts';
import { createLogger } from '../src/platform/logger.ts';
import { startServer, type TestServer } from './start-server.ts';

/** The sandbox beside an upstream that costs money. Another sandbox at its own address plays that upstream. */

let dataDir: string;
let google: SandboxServer;
let real: SettingValues;
const running: TestServer[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'darkroom-real-'));
  google = createSandboxServer({
    host: '127.0.0.1',
    port: 0,
    signatures: 'strict',
    spoolFolder: dataDir,
    logger: createLogger('silent'),
  });
  await google.start();
  real = { GEMINI_API_KEY: 'a-key-of-google', GEMINI_BASE_URL: google.url };
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  await google.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(flags: SettingValues = {}): Promise<TestServer> {
  const server = await startServer({ DARKROOM_DATA_DIR: dataDir, ...flags });
  running.push(server);
  return server;
}

async function stop(server: TestServer): Promise<void> {
  running.splice(running.indexOf(server), 1);
  await server.stop();
}

/** What was spent, according to usage and to the budget of the day. */
async function readSpent({ client, admin }: TestServer): Promise<readonly number[]> {
  const { total } = await client.usage();
  const { budgets } = await admin.budgets();
  return [total.cost_usd, ...budgets.map(({ used_usd: used }) => used)];
}

describe('the cost of the sandbox', { timeout: 60_000 }, () => {
  it('is never counted: usage and budgets contain only what the real upstream charged, whatever drew before', async () => {
    const drawing = await start();
    await drawing.admin.setBudget({ scope: 'organization', id: 'default', period: 'day' }, 100);
    const drawn = await drawing.client.generate('a kite');
    expect(drawn).toMatchObject({ cost_usd: 0, outcome: { cost_usd: 0 } });
    expect(drawn.estimated_cost_usd).toBeGreaterThan(0.1);
    const [call] = (await drawing.client.attempts(drawn.request_id)).attempts;
    expect(call).toMatchObject({ upstream: 'sandbox', cost_usd: 0, usage: expect.anything() });
    expect(call?.would_cost_usd).toBeCloseTo(drawn.estimated_cost_usd, 2);
    expect(await readSpent(drawing)).toEqual([0, 0]);
    await stop(drawing);

    const paying = await start(real);
    const paid = await paying.client.generate('a kite');
    expect(paid.cost_usd).toBeGreaterThan(0.1);
    const [line] = (await paying.client.attempts(paid.request_id)).attempts;
    expect(line).toMatchObject({ upstream: 'google', cost_usd: paid.cost_usd });
    expect(line).not.toHaveProperty('would_cost_usd');
    expect(await readSpent(paying)).toEqual([paid.cost_usd, paid.cost_usd]);
    await stop(paying);

    const named = await start({ DARKROOM_UPSTREAM: 'sandbox' });
    await named.client.generate('a kite');
    expect(await readSpent(named)).toEqual([paid.cost_usd, paid.cost_usd]);
  });
});

describe('a data folder that a real upstream has served', { timeout: 60_000 }, () => {
  it('is never served by the sandbox because a key is missing, and the refusal says both ways out', async () => {
    await stop(await start(real));
    await expect(start()).rejects.toThrow(/Set GEMINI_API_KEY[\s\S]*or DARKROOM_UPSTREAM=sandbox/);
    await expect(start({ DARKROOM_ROLE: 'worker', DARKROOM_PUBLIC_URL: 'http://a.example' })).rejects.toThrow(
      'GEMINI_API_KEY',
    );
    const config = loadConfig({ env: {}, flags: { DARKROOM_DATA_DIR: dataDir }, folder: dataDir });
    const { upstreams } = composeChecks(config, createLogger('silent'));
    await expect(upstreams.get('sandbox')?.()).rejects.toThrow('GEMINI_API_KEY');
  });

  it('is served by an API without a key, which makes no pictures, and by the sandbox when it is named', async () => {
    await stop(await start(real));
    const api = await start({ DARKROOM_ROLE: 'api' });
    const { request_id } = await api.client.submit({ payload: { prompt: 'a kite' } });
    await start({ DARKROOM_UPSTREAM: 'sandbox' });
    expect((await api.client.wait(request_id)).status).toBe('success');
  });

  it('is left by a running sandbox: requests that come then are for the real upstream', async () => {
    const drawing = await start();
    const paying = await start(real);
    const requests = await Promise.all(Array.from({ length: 6 }, (_, i) => drawing.client.generate(`kite ${i}`)));
    for (const { request_id: id } of requests) {
      const { attempts } = await paying.client.attempts(id);
      expect(attempts.map(({ upstream }) => upstream)).toEqual(['google']);
    }
  });
});
