import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { openBrowser, openConsole } from './browser/console-page.ts';
import { makeContent } from './browser/gallery-content.ts';
import { startServer } from './start-server.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

/** Pictures of every page of the console and of some of the documentation, in both themes and on a phone, into `.screenshots/`: `npm run screenshots`. */

const folder = path.resolve(import.meta.dirname, '../../../.screenshots');
const screens = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'phone', width: 390, height: 844 },
] as const;

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly key?: null;
  /** Is it shown over the page, and as large as the screen? */
  readonly isScreenful?: true;
  /** What to do on the page before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const server = await startServer({
  DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1',
  DARKROOM_MODELS: [{ id: 'gemini-3-pro-image-preview', fallback: [{ model: 'gemini-nano-banana-2.1' }] }],
});
const receiver = await WebhookReceiver.start();
const browser = await openBrowser();
try {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { edited, failed } = await makeContent(server, receiver);
  // The first call is refused for load, and another model makes the picture.
  const helped = await server.client.generate('a market on a busy day [[sandbox status=503 times=1]]');
  const pages: readonly Shot[] = [
    { name: 'sign-in', path: '/', key: null },
    { name: 'studio', path: '/' },
    { name: 'studio-picture', path: `/#${edited.request_id}` },
    { name: 'studio-zoom', path: `/#${edited.request_id}`, prepare: zoom, isScreenful: true },
    { name: 'studio-editing', path: `/#${edited.request_id}`, prepare: edit },
    { name: 'gallery', path: '/gallery', prepare: hoverTile },
    { name: 'gallery-details', path: `/gallery?request=${edited.request_id}`, isScreenful: true },
    { name: 'gallery-failed', path: `/gallery?status=failed&request=${failed.request_id}`, isScreenful: true },
    { name: 'gallery-stand-in', path: `/gallery?request=${helped.request_id}`, prepare: showCalls, isScreenful: true },
    { name: 'queue-asks', path: '/queue', prepare: askToRequeue, isScreenful: true },
    { name: 'queue', path: '/queue' },
    { name: 'usage', path: '/usage' },
    { name: 'uploads', path: '/uploads', prepare: upload },
    { name: 'webhooks', path: '/webhooks' },
    { name: 'keys', path: '/keys', prepare: createKey },
    { name: 'keys-change', path: '/keys', prepare: changeKey },
    { name: 'organizations', path: '/organizations', prepare: createOrganization },
    { name: 'audit', path: '/audit' },
    { name: 'docs', path: '/docs', isScreenful: true },
    { name: 'docs-page', path: '/docs/get-started', isScreenful: true },
    { name: 'docs-table', path: '/docs/reference/http', isScreenful: true },
    { name: 'docs-search', path: '/docs', prepare: searchDocs, isScreenful: true },
    { name: 'docs-api', path: '/docs/api', isScreenful: true },
  ];
  for (const { name, path: address, prepare, isScreenful, ...signedIn } of pages) {
    for (const theme of ['light', 'dark'] as const) {
      for (const { name: screen, width, height } of screens) {
        const { page, close, troubles } = await openConsole(
          browser,
          { server, path: address },
          { theme, width, height, ...signedIn },
        );
        await settle(page);
        await prepare?.(page);
        await page.screenshot({
          path: path.join(folder, `${name}-${theme}-${screen}.png`),
          fullPage: isScreenful !== true,
        });
        for (const trouble of troubles) console.error(`${name}: ${trouble}`);
        await close();
      }
    }
  }
} finally {
  await browser.close();
  await server.stop();
  await receiver.stop();
}

/** Everything that the page requested has arrived; streams and polls may continue. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => undefined);
}

async function edit(page: Page): Promise<void> {
  await page.getByText('The same as code').click();
  await page.getByText('Compare with the previous turn').click();
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await page.getByLabel('What should change?').fill('let it snow');
  const url = page.getByLabel('URL of a picture, then Enter');
  for (const address of ['https://example.com/snow.png', 'https://example.org/flakes.jpg']) {
    await url.fill(address);
    await url.press('Enter');
  }
}

async function zoom(page: Page): Promise<void> {
  await page.locator('.picture .enlarge').click();
  await page.getByRole('dialog').waitFor();
}

async function askToRequeue(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Requeue all' }).click();
  await page.getByRole('dialog').waitFor();
}

async function showCalls(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Log' }).scrollIntoViewIfNeeded();
}

async function upload(page: Page): Promise<void> {
  const picture = { width: 640, height: 480, channels: 3 as const, background: 'darkorange' };
  const buffer = await sharp({ create: picture }).png().toBuffer();
  await page.setInputFiles('input[type=file]', [
    { name: 'orange.png', mimeType: 'image/png', buffer },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') },
  ]);
  await page.getByRole('img', { name: 'orange.png' }).waitFor();
}

async function createKey(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('robot');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('is shown only once').waitFor();
}

async function changeKey(page: Page): Promise<void> {
  await page.getByRole('row', { name: 'robot' }).first().getByRole('button', { name: 'Change' }).click();
  await page.getByText('Change “robot”').waitFor();
}

async function hoverTile(page: Page): Promise<void> {
  await page.locator('.tiles > li').first().hover();
}

async function createOrganization(page: Page): Promise<void> {
  const id = `gallery-${Date.now()}`;
  await page.getByLabel('Id', { exact: true }).fill(id);
  await page.getByLabel('Name').fill('The gallery');
  await page.getByLabel('Queued requests').fill('500');
  await page.getByRole('button', { name: 'Make organization' }).click();
  await page.getByText(id).waitFor();
}

async function searchDocs(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Search' }).first().click();
  await page.getByRole('searchbox').fill('webhook signature');
  await page.getByRole('option').first().waitFor();
}
