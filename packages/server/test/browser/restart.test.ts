import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DarkroomAdmin } from '@darkroom/client';
import { expect, it } from 'vitest';
import { openBrowser, openConsole, timeout } from './console-page.ts';
import { startDarkroom } from './start-darkroom.ts';

it('a page that follows a request continues after the server was restarted', { timeout }, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-restart-'));
  const browser = await openBrowser();
  let { server, key } = await startDarkroom(folder, '0');
  const { url } = server;
  try {
    const admin = new DarkroomAdmin({ baseUrl: url, apiKey: key });
    await admin.pause({ kind: 'upstream', name: 'sandbox' });
    const { page } = await openConsole(browser, { server: { url, key }, path: '/' });
    await page.getByLabel('What should the picture show?').fill('a patient turtle');
    await page.getByRole('button', { name: /make picture/i }).click();
    await page
      .getByText(/paused/i)
      .first()
      .waitFor();

    await server.stop();
    ({ server, key } = await startDarkroom(folder, new URL(url).port));
    await admin.resume({ kind: 'upstream', name: 'sandbox' });

    await page.locator('.picture img').waitFor();
    expect(await page.locator('.print-head .status').textContent()).toBe('Ready');
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
