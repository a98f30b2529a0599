import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openConsole, timeout } from './console-page.ts';
import { startDarkroom } from './start-darkroom.ts';

const pages = ['/', '/gallery', '/uploads', '/queue', '/usage', '/webhooks', '/keys', '/organizations'];

let folder: string;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let darkroom: Awaited<ReturnType<typeof startDarkroom>>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-away-'));
  browser = await openBrowser();
  darkroom = await startDarkroom(folder, '0');
}, timeout);
afterAll(async () => {
  await browser.close();
  await darkroom.server.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = async (address: string) => {
  const { url } = darkroom.server;
  return openConsole(browser, { server: { url, key: darkroom.key }, path: address });
};

const away = (page: Page) => page.getByText('Darkroom does not answer.');

describe('while the server cannot be reached', () => {
  it('every page says so and gives the time of its data, and continues by itself afterwards', { timeout }, async () => {
    const { url } = darkroom.server;
    const opened = await Promise.all(pages.map(open));
    for (const { page } of opened) await page.getByText('Sandbox', { exact: true }).waitFor();
    for (const { page } of opened) await page.getByText('Loading…').first().waitFor({ state: 'detached' });
    await darkroom.server.stop();
    try {
      await Promise.all(
        opened.map(async ({ page }) => {
          await page.bringToFront();
          await away(page).waitFor();
          await page.getByText(/This page shows data from \d\d:\d\d:\d\d\./).waitFor();
        }),
      );
      // A page that has read nothing yet says that it is about to read.
      const studio = opened[0]?.page as Page; // every address has one
      const links = studio.getByRole('navigation');
      await links.getByRole('link', { name: 'Keys' }).click();
      await studio.getByText('Loading…').waitFor();
      await links.getByRole('link', { name: 'Usage' }).click();
      await studio.getByText('Loading…').first().waitFor();
    } finally {
      darkroom = await startDarkroom(folder, new URL(url).port);
    }
    await Promise.all(opened.map(({ page }) => away(page).waitFor({ state: 'detached' })));
    await opened[0]?.page.getByText('By model').waitFor();
    for (const { close } of opened) await close();
  });

  it('a page says that it is reading until its content is there', { timeout }, async () => {
    for (const address of ['/gallery', '/queue', '/usage', '/webhooks', '/keys']) {
      const { page, close } = await open('/uploads');
      await page.getByText('Sandbox', { exact: true }).waitFor();
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      await page.route('**/api/**', async (route) => {
        await held;
        await route.continue();
      });
      await page.getByRole('navigation').locator(`a[href="${address}"]`).click();
      await page.getByText('Loading…').first().waitFor();
      release();
      await page.getByText('Loading…').first().waitFor({ state: 'detached' });
      await close();
    }
  });

  it('a server that accepts calls but answers none counts as unreachable too', { timeout }, async () => {
    const { page, close } = await open('/queue');
    await page.getByText('Dead letters').waitFor();
    await page.route('**/api/**', () => undefined);
    await away(page).waitFor({ timeout: 40_000 });
    await page.unroute('**/api/**');
    await away(page).waitFor({ state: 'detached', timeout: 40_000 });
    expect(await page.getByText('Dead letters').count()).toBe(1);
    await close();
  });
});
