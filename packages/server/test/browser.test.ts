import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';

/** What a person sees, in a real browser. Needs the console's build, which `npm ci` makes. */

let darkroom: TestServer;
let browser: Browser;

beforeAll(async () => {
  darkroom = await startServer();
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: true,
  });
}, 60_000);
afterAll(async () => {
  await browser.close();
  await darkroom.stop();
});

/** A page that keeps what went wrong on it, and what it asked of other hosts. */
async function openPage(path: string): Promise<{ page: Page; troubles: string[] }> {
  const page = await browser.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== darkroom.url) troubles.push(`asked ${request.url()}`);
  });
  await page.goto(`${darkroom.url}${path}`, { waitUntil: 'load' });
  return { page, troubles };
}

describe('in a browser', () => {
  it('a person signs in with the key, types a prompt and sees the picture', { timeout: 60_000 }, async () => {
    const { page, troubles } = await openPage('/');
    await page.getByLabel(/api key/i).fill(darkroom.key);
    await page.keyboard.press('Enter');
    await page.getByLabel('What should the picture show?').fill('a lighthouse by the sea');
    await page.getByRole('button', { name: /make picture/i }).click();
    const picture = page.locator('img[src*="/media/"]').first();
    await picture.waitFor({ timeout: 30_000 });
    // As text, since the types of the page are not those of the server's sources.
    const width = `document.querySelector('img[src*="/media/"]').naturalWidth`;
    await expect.poll(() => page.evaluate<number>(width)).toBe(1024);
    expect(troubles).toEqual([]);
  });

  it('the reference at /docs lists the calls, with nothing from other hosts', { timeout: 60_000 }, async () => {
    const { page, troubles } = await openPage('/docs');
    await page.getByText('Submit a request').first().waitFor({ timeout: 20_000 });
    expect(troubles).toEqual([]);
  });
});
