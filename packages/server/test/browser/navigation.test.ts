import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { timeout } from './console-page.ts';
import { useConsole } from './use-console.ts';

const darkroom = useConsole();
let id: string;

beforeAll(async () => {
  const { client } = darkroom.server;
  const made = await Promise.all(['a cat', 'a dog', 'a hen', 'a cow'].map((prompt) => client.generate(prompt)));
  id = made[0]?.request_id ?? '';
}, timeout);

describe('navigation in the console', () => {
  it('one step back leaves the gallery, however many details were opened', { timeout }, async () => {
    await darkroom.visit('/usage', async (page) => {
      await page.getByRole('link', { name: 'Gallery' }).click();
      for (const prompt of ['a cat', 'a dog', 'a hen', 'a cow']) {
        await page.locator('.tile').filter({ hasText: prompt }).click();
        await page.getByRole('dialog').getByText('Done: 1 picture is stored.').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      await page.goBack();
      await page.getByRole('heading', { name: 'Usage' }).waitFor();
    });
  });

  it('an unknown address shows a page with a link home', { timeout }, async () => {
    const check = async (page: Page) => {
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
      await page.getByRole('link', { name: 'Go to the studio' }).click();
      await page.getByLabel('What should the picture show?').waitFor();
    };
    await darkroom.visit('/nowhere/at/all', check, { forgives: /status of 404/ });
  });

  it('on a phone, a picture’s link opens on the picture, and the studio on its form', { timeout }, async () => {
    const phone = { width: 390, height: 844 };
    const topOf = async (page: Page, selector: string) => (await page.locator(selector).boundingBox())?.y ?? -1;
    const seesPicture = async (page: Page) => {
      await page.locator('.picture img').waitFor();
      await expect.poll(() => topOf(page, '.print')).toBeLessThan(100);
      expect(await topOf(page, '.print')).toBeGreaterThanOrEqual(0);
    };
    await darkroom.visit(`/#${id}`, seesPicture, phone);
    const seesForm = async (page: Page) => {
      await page.getByLabel('What should the picture show?').waitFor();
      expect(await page.evaluate('scrollY')).toBe(0);
    };
    await darkroom.visit('/', seesForm, phone);
  });
});
