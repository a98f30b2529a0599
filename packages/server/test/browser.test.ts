import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openConsole, timeout } from './browser/console-page.ts';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';

/** What a person sees in a real browser. Needs the console's build, which `npm ci` makes. */

let darkroom: TestServer;
let browser: Browser;

beforeAll(async () => {
  darkroom = await startServer({}, { illustrate: drawPlain });
  browser = await openBrowser();
}, timeout);
afterAll(async () => {
  await browser.close();
  await darkroom.stop();
});

describe('in a browser', () => {
  it('a person signs in with the key, types a prompt and sees the picture', { timeout }, async () => {
    const { page, troubles } = await openConsole(browser, { server: darkroom, path: '/' }, { key: null });
    await page.getByLabel(/api key/i).fill(darkroom.key);
    await page.keyboard.press('Enter');
    await page.getByLabel('What should the picture show?').fill('a lighthouse by the sea');
    await page.getByRole('button', { name: /make picture/i }).click();
    const picture = page.locator('img[src*="/media/"]').first();
    await picture.waitFor();
    // Passed as text, because the page's types differ from those of the server's sources.
    const width = `document.querySelector('img[src*="/media/"]').naturalWidth`;
    await expect.poll(() => page.evaluate<number>(width)).toBe(1024);
    expect(troubles).toEqual([]);
  });

  it('a person signs in once with the printed link', { timeout }, async () => {
    const path = `/#sign-in=${darkroom.server.issueSignInCode()}`;
    const first = await openConsole(browser, { server: darkroom, path }, { key: null });
    await first.page.getByLabel('What should the picture show?').waitFor();
    expect(first.page.url()).toBe(`${darkroom.url}/`);
    await first.page.reload();
    await first.page.getByLabel('What should the picture show?').waitFor();
    expect(first.troubles).toEqual([]);

    const again = await openConsole(browser, { server: darkroom, path }, { key: null });
    await again.page.getByText('This sign-in link was already used').waitFor();
    await again.page.getByLabel('API key').waitFor();
    expect(again.page.url()).toBe(`${darkroom.url}/`);
  });

  it('a used link leaves a signed-in person where they are', { timeout }, async () => {
    const { page } = await openConsole(browser, { server: darkroom, path: '/#sign-in=used' });
    await page.getByLabel('What should the picture show?').waitFor();
  });

  it('the API reference lists the calls, loads nothing from other hosts, and its old links work', {
    timeout,
  }, async () => {
    const { page, troubles } = await openConsole(browser, { server: darkroom, path: '/docs#/Requests' }, { key: null });
    await page.waitForURL('**/docs/api#/Requests');
    await page.getByText('Submit a request').first().waitFor();
    expect(troubles).toEqual([]);
  });

  it('the documentation finds a page by its words, and loads nothing from other hosts', { timeout }, async () => {
    const { page, troubles } = await openConsole(browser, { server: darkroom, path: '/docs' }, { key: null });
    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.getByRole('searchbox').fill('idempotency conflict');
    await page.getByRole('option').filter({ hasText: 'Troubleshooting' }).first().click();
    await page.getByRole('heading', { name: 'Troubleshooting' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/docs/troubleshooting');
    expect((await fetch(page.url())).headers.get('content-encoding')).not.toBeNull();
    expect(troubles).toEqual([]);
  });
});
