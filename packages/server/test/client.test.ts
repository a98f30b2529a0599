import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Darkroom } from '@darkroom/client';
import { downloadFile, uploadFile } from '@darkroom/client/node';
import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './browser/console-page.ts';
import { bundleForBrowser } from './bundle-for-browser.ts';
import * as checks from './client-checks.ts';
import { drawPlain } from './draw-plain.ts';
import { ScriptedServer } from './fakes/scripted-server.ts';
import { startServer, type TestServer } from './start-server.ts';
import { TroubledLine } from './troubled-line.ts';

/** The SDK against a real server, over a line that breaks, in Node and in a browser, on a page of another origin. */

type CheckName = keyof typeof checks;

const promises: Readonly<Record<CheckName, { readonly promise: string; readonly result: unknown }>> = {
  makesAPicture: {
    promise: 'makes a picture from a prompt',
    result: { pictures: 1, type: 'image/png', isTagged: true },
  },
  editsAPicture: { promise: 'edits the picture of an earlier request', result: { isEdit: true, turns: 5 } },
  tellsFailures: {
    promise: 'throws failures and refusals with their codes',
    result: [
      ['prompt_blocked', 'caller', 'failed'],
      ['cancelled', true],
      ['not_found', 404],
    ],
  },
  submitsOnceThoughAnswersAreLost: { promise: 'makes only one request when answers are lost', result: true },
  comesAgainWhenTurnedAway: { promise: 'retries when it is refused for the moment', result: 'queued' },
  givesUpInTheEnd: {
    promise: 'repeats with the same key, but not when it is asked to come back much later',
    result: { status: 503, code: undefined, retryAfterSeconds: 3600, calls: 3, keys: 1 },
  },
  followsEventsOverACutLine: {
    promise: 'gives each event once over a broken line, and continues after any',
    result: {
      words: ['queued', 'claimed', 'sent', 'answered', 'succeeded', 'end: success'],
      again: ['claimed', 'sent', 'answered', 'succeeded', 'end: success'],
      afterEnd: [],
    },
  },
  watchesAllRequestsOverACutLine: {
    promise: 'watches all requests over a broken line',
    result: ['queued', 'claimed', 'succeeded'],
  },
  tellsHowARequestStands: {
    promise: 'tells how a request stands, with its log',
    result: {
      statuses: ['queued', 'processing', 'success'],
      areKept: true,
      lines: ['queued', 'claimed', 'sent', 'answered', 'stored'],
    },
  },
  continuesADownload: {
    promise: 'continues a download that breaks with the next byte',
    result: { isWhole: true, ranges: [null, 'bytes=100-'], isWholeWithoutRanges: true, broken: 'cut' },
  },
  connects: { promise: 'says whose key it uses', result: true },
  cancelsWhatIsAborted: { promise: 'cancels a request that is aborted', result: ['AbortError', 'cancelled'] },
  uploadsEveryKindOfBytes: {
    promise: 'uploads every kind of bytes, and nothing but pictures',
    result: { areWhole: true, text: 'This is not a PNG, JPEG, WebP, HEIC or HEIF picture.' },
  },
  verifiesWebhooks: {
    promise: 'accepts a webhook that was just signed, and no other',
    result: [
      'request.success',
      'request.success',
      'No signature is valid.',
      'The message is too old, or its time of sending is in the future.',
      'No signature is valid.',
      'A header of the signature is missing.',
      'No signature is valid.',
    ],
  },
};
const cases = Object.entries(promises).map(([name, one]) => ({ name: name as CheckName, ...one })); // its own keys

/** The checks and the SDK as one script. */
let checksBundle: string;
let line: TroubledLine;
let site: ScriptedServer;
let darkroom: TestServer;
beforeAll(async () => {
  checksBundle = await bundleForBrowser('client-checks.ts', { name: 'checks' });
  line = await TroubledLine.open();
  site = await ScriptedServer.start();
  site.answerBody('<!doctype html>', { 'content-type': 'text/html' });
  const settings = { DARKROOM_PUBLIC_URL: line.url, DARKROOM_CORS_ORIGINS: site.origin };
  darkroom = await startServer(settings, { illustrate: drawPlain });
  line.target = darkroom.url;
});
afterAll(async () => {
  await darkroom.stop();
  await site.close();
  await line.close();
});

function createStage(): checks.Stage {
  const secret = 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0';
  const body = JSON.stringify({ type: 'request.success', timestamp: '2025-10-29T18:44:01.000Z', data: {} });
  const now = new Date();
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', now, body),
  };
  return { url: line.url, apiKey: darkroom.key, webhook: { body, headers, secret } };
}

describe('the SDK in Node', () => {
  it.each(cases)('$promise', async ({ name, result }) => {
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: tests are not tree-shaken
    expect(await checks[name](createStage())).toEqual(result);
  });

  it('lists every request once, over all pages', async () => {
    const { client, admin } = darkroom;
    await admin.pause({ kind: 'upstream', name: 'sandbox' });
    const asked = Array.from({ length: 101 }, () => client.submit({ payload: { prompt: 'one of many' } }));
    const ids = (await Promise.all(asked)).map(({ request_id }) => request_id);
    const listed: string[] = [];
    const { request_id: odd } = await client.submit({ payload: { prompt: 'the odd one' } });
    for await (const { request_id } of client.listAll({ status: 'queued', text: 'ONE OF' })) listed.push(request_id);
    expect((await client.list({ text: 'odd one', createdFrom: 1, createdBefore: 1e10 })).requests).toMatchObject([
      { request_id: odd },
    ]);
    expect((await client.list({ createdBefore: 1 })).requests).toEqual([]);
    await client.cancel(odd);
    await Promise.all(ids.map((id) => client.cancel(id)));
    await admin.resume({ kind: 'upstream', name: 'sandbox' });
    expect(listed.sort()).toEqual(ids.sort());
  });

  it('tells the place of a request in the queue, and why it waits', async () => {
    const { client, admin } = darkroom;
    await admin.pause({ kind: 'upstream', name: 'sandbox' });
    const told: unknown[] = [];
    await client.generate('a patient snail', {
      onQueueUpdate: (update) => {
        if (update.status !== 'queued' || !update.queue) return;
        told.push([update.position, update.queue.waiting_for]);
        if (told.length === 1) void admin.resume({ kind: 'upstream', name: 'sandbox' });
      },
    });
    expect(told[0]).toEqual([0, 'operator']);
  });

  it('says whose key it uses, and that the sandbox draws', async () => {
    expect(await darkroom.client.me()).toMatchObject({
      api_key_id: darkroom.key.split('_')[1],
      organization_ids: ['default'],
      is_admin: true,
      is_sandbox: true,
    });
  });

  it('makes, lists and revokes keys', async () => {
    const { admin } = darkroom;
    const { api_key: apiKey, id } = await admin.createKey({ name: 'robot', requests_per_minute: 30 });
    const robot = new Darkroom({ baseUrl: line.url, apiKey });
    expect(await robot.me()).toMatchObject({ api_key_id: id, is_admin: false });
    expect((await admin.keys()).keys).toContainEqual(expect.objectContaining({ id, name: 'robot', revoked_at: null }));
    await admin.revokeKey(id);
    await expect(robot.me()).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(admin.revokeKey(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('says how many requests ended in each of the last minutes', async () => {
    const { client, admin } = darkroom;
    const sum = async () => (await admin.throughput()).minutes.reduce((total, { success }) => total + success, 0);
    const before = await sum();
    await client.generate('a counted kite');
    expect(await sum()).toBe(before + 1);
  });

  it('uploads a file by its path, and downloads one whole or not at all', async () => {
    const { client } = darkroom;
    const { outcome } = await client.generate({ prompt: 'a pear', image_output_format: 'jpeg' });
    const picture = await (await client.download(outcome.media_urls[0]?.url ?? '')).bytes();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-upload-'));
    const file = path.join(folder, 'pear');
    await writeFile(file, picture);
    const url = await uploadFile(client, file);
    const copy = path.join(folder, 'copy');
    await downloadFile(client, { url }, copy);
    await expect(downloadFile(client, `${url}x`, path.join(folder, 'none'))).rejects.toMatchObject({ status: 404 });
    const [copied, files] = [await readFile(copy), (await readdir(folder)).sort()];
    await rm(folder, { recursive: true });
    expect([Buffer.compare(copied, picture), files]).toEqual([0, ['copy', 'pear']]);
  });
});

describe('the SDK in a browser, on a page of another origin', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    await page.goto(site.origin);
    await page.evaluate(checksBundle);
  }, 60_000);
  afterAll(() => browser.close());

  it.each(cases)('$promise', async ({ name, result }) => {
    // Passed as text, because the page's types differ from those of the server's sources.
    const call = `checks.${name}(${JSON.stringify(createStage())})`;
    expect(await page.evaluate<unknown>(call)).toEqual(result);
  });

  it('cannot be used on a page whose origin the operator has not named', async () => {
    const foreign = await browser.newPage();
    await foreign.goto(site.origin.replace('127.0.0.1', 'localhost'));
    await foreign.evaluate(checksBundle);
    await expect(foreign.evaluate(`checks.connects(${JSON.stringify(createStage())})`)).rejects.toThrow('fetch');
    expect(await page.evaluate(`checks.connects(${JSON.stringify(createStage())})`)).toBe(true);
  });
});
