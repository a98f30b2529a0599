import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebhookReceiver } from '../webhook-receiver.ts';
import { timeout } from './console-page.ts';
import { type Content, makeContent } from './gallery-content.ts';
import { listViolations, useConsole } from './use-console.ts';

const darkroom = useConsole({ DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' });
let receiver: WebhookReceiver;
let content: Content;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  content = await makeContent(darkroom.server, receiver);
}, timeout);
afterAll(() => receiver.stop());

/** In both themes, on a wide screen and on a phone. */
async function expectAccessible(page: Page): Promise<void> {
  for (const width of [1_280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await listViolations(page), `${width} pixels, ${colorScheme}`).toEqual([]);
    }
  }
}

/** No page scrolls sideways, whatever the screen. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  for (const width of [320, 390, 600, 768, 900, 1_024, 1_100, 1_280, 1_920]) {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(overflow, `${width} pixels`).toBeLessThanOrEqual(0);
  }
}

describe('no violation of accessibility in either theme, on a wide screen and on a phone', () => {
  const pages = [
    { path: '/', shows: 'What should the picture show?' },
    { path: '/gallery', shows: 'a fox asleep in autumn leaves' },
    { path: '/uploads', shows: 'Drop pictures here' },
    { path: '/queue', shows: 'Dead letters' },
    { path: '/usage', shows: 'Set budget' },
    { path: '/webhooks', shows: 'Response' },
    { path: '/keys', shows: 'an old script' },
    { path: '/audit', shows: 'darkroom' },
  ];
  for (const { path, shows } of pages) {
    it(`${path}`, { timeout }, async () => {
      await darkroom.visit(path, async (page) => {
        await page.getByText(shows).first().waitFor();
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
      });
    });
  }

  it('the sign-in', { timeout }, async () => {
    const check = async (page: Page) => {
      await page.getByLabel('API key').waitFor();
      await expectAccessible(page);
    };
    await darkroom.visit('/', check, { key: null });
  });

  it('a picture with its turns, compared and edited', { timeout }, async () => {
    await darkroom.visit(`/#${content.edited.request_id}`, async (page) => {
      await page.getByText('Compare with the previous turn').click();
      await page.getByRole('button', { name: 'Keep editing' }).click();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
    });
  });

  it('four pictures one of which is edited, with a file that was refused', { timeout }, async () => {
    const { request_id: id } = await darkroom.server.client.generate({ prompt: 'a well', number_of_images: 4 });
    await darkroom.visit(`/#${id}`, async (page) => {
      await page.getByRole('button', { name: 'Edit picture 2' }).click();
      const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') };
      await page.setInputFiles('input[type=file]', notes);
      await page.getByText('It is not a PNG').waitFor();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
    });
  });

  it('an unknown address', { timeout }, async () => {
    const check = async (page: Page) => {
      await page.getByText('There is no such page').waitFor();
      await expectAccessible(page);
    };
    await darkroom.visit('/nowhere', check, { forgives: /status of 404/ });
  });

  it('a server that cannot be reached', { timeout }, async () => {
    const check = async (page: Page) => {
      await page.getByText('Dead letters').waitFor();
      await page.route('**/api/**', (route) => route.abort());
      await page.getByText('Darkroom does not answer.').waitFor();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
    };
    await darkroom.visit('/queue', check, { forgives: /ERR_FAILED/ });
  });

  it('a picture that is zoomed', { timeout }, async () => {
    await darkroom.visit(`/#${content.edited.request_id}`, async (page) => {
      await page.getByTitle('Look closer').click();
      await page.getByRole('button', { name: 'Full size' }).click();
      await expectAccessible(page);
    });
  });

  it('the details of a request, which close with Escape', { timeout }, async () => {
    await darkroom.visit(`/gallery?request=${content.edited.request_id}`, async (page) => {
      await page.getByText('Done: 1 picture is stored.').waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => new URL(page.url()).search).toBe('');
    });
  });

  it('a question before something that cannot be undone', { timeout }, async () => {
    await darkroom.visit('/keys', async (page) => {
      await page.getByRole('button', { name: 'Revoke shop' }).click();
      await page.getByText('Revoke “shop”?').waitFor();
      await expectAccessible(page);
    });
  });
});
