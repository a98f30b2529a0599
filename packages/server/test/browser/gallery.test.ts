import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { timeout } from './console-page.ts';
import { seedGallery } from './seed-gallery.ts';
import { useConsole } from './use-console.ts';

const seeded = 3_000;
const everything = '3,001 requests';
/** How many times longer a frame at the end of the list may take than one at its top. */
const mostTimesSlower = 4;
const darkroom = useConsole();

// Writing and finishing this many requests takes seconds, or minutes on a busy machine.
beforeAll(() => seedGallery(darkroom.server, seeded), 2 * timeout);

describe('the gallery in a browser', () => {
  it('scrolls through thousands of requests, of which only those near the view are in the document', {
    timeout: 2 * timeout,
  }, async () => {
    await darkroom.visit('/gallery', async (page) => {
      await page.getByText(everything).waitFor();
      const { mostTiles, positions, frames } = await scrollToTheEnd(page);
      expect(mostTiles).toBeLessThan(300);
      expect(positions).toBe(seeded + 1);
      expect(await page.getByText('a kite over the sea').count()).toBe(1);
      expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
      console.info(`frames while ${seeded} requests are scrolled through: ${JSON.stringify(frames)}`);
      // However far down. Judged as a ratio, because another program may take most of the machine.
      expect(frames.lastMedian).toBeLessThan(mostTimesSlower * frames.firstMedian);
      await page.evaluate('scrollTo(0, 0)');
      await page.getByText(`a kite, number ${seeded - 1}`, { exact: true }).waitFor();
    });
  });

  it('shows small pictures whose space is reserved before they arrive', { timeout }, async () => {
    await darkroom.visit('/gallery', async (page) => {
      const picture = page.locator('.tile img').first();
      await picture.waitFor();
      expect(await picture.getAttribute('src')).toMatch(/\/thumbnail$/);
      expect(await picture.getAttribute('loading')).toBe('lazy');
      expect(await picture.getAttribute('width')).toBe('1024');
      const pixels = `document.querySelector('.tile img').naturalWidth`;
      await expect.poll(() => page.evaluate<number>(pixels)).toBe(512);
    });
  });

  it('finds requests by words in their prompt, and keeps the words in its address', { timeout }, async () => {
    await darkroom.visit('/gallery', async (page) => {
      const words = page.getByLabel('Prompt');
      await words.pressSequentially('number 2711');
      await page.getByText('1 request', { exact: true }).waitFor();
      expect(await page.locator('.tile').count()).toBe(1);
      await page.getByText('a kite, number 2711').waitFor();
      expect(new URL(page.url()).searchParams.get('text')).toBe('number 2711');
      await page.reload();
      await page.getByText('1 request', { exact: true }).waitFor();
      expect(await words.inputValue()).toBe('number 2711');
      await words.fill('');
      await page.getByText(everything).waitFor();
      await words.fill('no such words');
      await page.getByText('No request matches these filters.').waitFor();
    });
  });

  it('shows the requests of the chosen days', { timeout }, async () => {
    await darkroom.visit('/gallery?text=over+the+sea', async (page) => {
      await page.getByText('1 request', { exact: true }).waitFor();
      const today = await page.evaluate<string>(`new Date().toLocaleDateString('sv')`);
      await page.getByLabel('From').fill(today);
      await page.getByLabel('To').fill(today);
      await page.waitForURL(`**/*from=${today}*to=${today}*`);
      await page.getByText('1 request', { exact: true }).waitFor();
      await page.getByLabel('To').fill('2020-01-01');
      await page.getByLabel('From').fill('');
      await page.getByText('No request matches these filters.').waitFor();
    });
  });

  it('deletes a request after a confirmation, and no longer lists it', { timeout }, async () => {
    await darkroom.visit('/gallery?text=number+2712', async (page) => {
      await page.locator('.tile').click();
      const drawer = page.locator('.drawer');
      await drawer.getByRole('button', { name: 'Delete' }).click();
      const question = page.getByRole('dialog', { name: 'Delete this request?' });
      await question.getByRole('button', { name: 'Not now' }).click();
      await drawer.getByRole('button', { name: 'Delete', exact: true }).click();
      await question.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('No request matches these filters.').waitFor();
    });
  });

  it('deletes a request from its tile after a confirmation', { timeout }, async () => {
    await darkroom.visit('/gallery?text=number+2713', async (page) => {
      await page.locator('.tiles > li').hover();
      await page.locator('.tile-actions').getByRole('button', { name: 'Delete' }).click();
      const question = page.getByRole('dialog', { name: 'Delete this request?' });
      await question.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('No request matches these filters.').waitFor();
      expect(await page.locator('.drawer').count()).toBe(0);
    });
  });

  it('keeps the details of a request open after its picture was zoomed', { timeout }, async () => {
    await darkroom.visit('/gallery', async (page) => {
      await page.locator('.tile').first().click();
      await page.getByTitle('Look closer').click();
      await page.getByRole('dialog', { name: 'Enlarged picture' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Enlarged picture' }).waitFor({ state: 'detached' });
      await page.getByRole('dialog').getByText('Done: 1 picture is stored.').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    });
  });

  it('shows what its address says, and can queue a failed request again', { timeout }, async () => {
    const { client } = darkroom.server;
    const { request_id: id } = await client.submit({ payload: { prompt: 'a castle [[sandbox block=SAFETY]]' } });
    await client.wait(id);
    await darkroom.visit('/gallery?status=failed', async (page) => {
      await page.locator('.tile').click();
      expect(await page.locator('.tile').count()).toBe(1);
      await page.getByRole('button', { name: 'Requeue' }).click();
      await expect.poll(async () => (await client.attempts(id)).attempts.length).toBeGreaterThan(1);
      await page.keyboard.press('Escape');
      await page.getByLabel('Status').selectOption('success');
      await page.getByText(`a kite, number ${seeded - 1}`, { exact: true }).waitFor();
      expect(new URL(page.url()).search).toBe('?status=success');
    });
  });
});

interface Scrolled {
  /** The most tiles that were in the document at the same time. */
  readonly mostTiles: number;
  /** The position of the last tile. */
  readonly positions: number;
  /**
   * Milliseconds from one frame to the next, in the first and the last quarter, and how many of all frames took longer
   * than 50.
   */
  readonly frames: {
    readonly count: number;
    readonly firstMedian: number;
    readonly lastMedian: number;
    readonly p99: number;
    readonly long: number;
  };
}

/** Scrolls as fast as the page draws, one view at a time, until nothing is left to read. */
function scrollToTheEnd(page: Page): Promise<Scrolled> {
  // Passed as text, because the page's types differ from those of the server's sources.
  return page.evaluate<Scrolled>(`(async () => {
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const gaps = [];
    let mostTiles = 0;
    let last = await nextFrame();
    const isAtEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    while (!(isAtEnd() && document.querySelector('.more') === null)) {
      scrollBy({ top: innerHeight, behavior: 'instant' });
      const now = await nextFrame();
      gaps.push(now - last);
      last = now;
      mostTiles = Math.max(mostTiles, document.querySelectorAll('.tile').length);
    }
    await nextFrame();
    const positions = Math.max(...[...document.querySelectorAll('.tiles > li')].map((item) => Number(item.ariaPosInSet)));
    const at = (some, share) => Math.round(some.toSorted((a, b) => a - b)[Math.floor(some.length * share)]);
    const quarter = Math.ceil(gaps.length / 4);
    const frames = {
      count: gaps.length,
      firstMedian: at(gaps.slice(0, quarter), 0.5),
      lastMedian: at(gaps.slice(-quarter), 0.5),
      p99: at(gaps, 0.99),
      long: gaps.filter((gap) => gap > 50).length,
    };
    return { mostTiles, positions, frames };
  })()`);
}
