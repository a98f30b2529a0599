import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { darkroom } from '../darkroom-process.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { type ConsolePage, launchChromium, openConsole, type PageOptions } from './console-page.ts';
import { type Content, makeContent } from './gallery-content.ts';

/** The pages of the console, in a real browser. Needs the console's build, which `npm ci` makes. */

const timeout = 60_000;

let server: TestServer;
let browser: Browser;
let content: Content;
let axe: string;

beforeAll(async () => {
  server = await startServer();
  browser = await launchChromium();
  content = await makeContent(server);
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}, timeout);
afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** Opens a page, uses it, and expects that nothing went wrong on it. */
async function visit(path: string, use: (page: Page) => Promise<void>, options: PageOptions = {}): Promise<void> {
  const opened: ConsolePage = await openConsole(browser, { server, path }, options);
  try {
    await use(opened.page);
    expect(opened.troubles).toEqual([]);
  } finally {
    await opened.close();
  }
}

/** What axe finds on the page, by rule and element. */
async function listViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
  );
}

describe('the console in a browser', () => {
  const pages = [
    { path: '/', shows: 'What should the picture show?' },
    { path: '/gallery', shows: 'a fox asleep in autumn leaves' },
    { path: '/queue', shows: 'Dead letters' },
    { path: '/usage', shows: 'By model' },
  ];
  for (const { path, shows } of pages) {
    for (const theme of ['light', 'dark'] as const) {
      it(`${path} has no violation of accessibility in the ${theme} theme, wide and on a phone`, {
        timeout,
      }, async () => {
        for (const width of [1_280, 390]) {
          const check = async (page: Page) => {
            await page.getByText(shows).first().waitFor();
            expect(await listViolations(page)).toEqual([]);
            const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
            expect(overflow).toBeLessThanOrEqual(0);
          };
          await visit(path, check, { theme, width });
        }
      });
    }
  }

  it('the sign-in has no violation of accessibility in either theme', { timeout }, async () => {
    for (const theme of ['light', 'dark'] as const) {
      const check = async (page: Page) => {
        await page.getByLabel('API key').waitFor();
        expect(await listViolations(page)).toEqual([]);
      };
      await visit('/', check, { theme, key: null });
    }
  });

  it('the first load is under 200 KB, pictures left out', { timeout }, async () => {
    await visit('/', async (page) => {
      await page.getByLabel('What should the picture show?').waitFor();
      const bytes = await page.evaluate<number>(`performance.getEntries()
        .filter(({ entryType, name }) => entryType === 'navigation' || name.includes('/assets/'))
        .reduce((sum, { transferSize }) => sum + transferSize, 0)`);
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(200_000);
    });
  });

  it('the details of a request have no violation of accessibility and close with Escape', { timeout }, async () => {
    for (const theme of ['light', 'dark'] as const) {
      const check = async (page: Page) => {
        await page.getByText('Done: 1 picture is stored.').waitFor();
        expect(await listViolations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await expect.poll(() => new URL(page.url()).search).toBe('');
      };
      await visit(`/gallery?request=${content.edited.request_id}`, check, { theme });
    }
  });

  it('tells the cost before anything is sent', { timeout }, async () => {
    await visit('/', async (page) => {
      const cost = page.getByLabel('Expected cost');
      await expect.poll(() => cost.textContent()).toBe('About $0.134');
      await page.getByRole('radio', { name: '4K' }).check();
      await page.getByRole('radio', { name: '3', exact: true }).check();
      await expect.poll(() => cost.textContent()).toBe('About $0.720');
    });
  });

  it('a picture that is dropped is uploaded, shown and sent as a reference', { timeout }, async () => {
    const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    for (const kind of ['drop', 'paste'] as const) {
      await visit('/', async (page) => {
        await give(page, { kind, base64: png.toString('base64') });
        await page.locator('.references img').waitFor();
        await page.getByLabel('What should the picture show?').fill(`a boat of this colour, by ${kind}`);
        await page.getByRole('button', { name: /make picture/i }).click();
        await page.locator('.picture img').waitFor();
        const id = new URL(page.url()).hash.slice(1);
        const { payload } = await server.client.status(id);
        expect(payload['image']).toEqual([expect.stringMatching(/\/media\/.*\.png$/)]);
      });
    }
  });

  it('a picture is edited over three turns, and again from the first one', { timeout }, async () => {
    await visit('/', async (page) => {
      await make(page, 'What should the picture show?', 'a barn in a field');
      const first = page.url();
      for (const change of ['in winter', 'with a dog']) {
        await page.getByRole('button', { name: 'Keep editing' }).click();
        await make(page, 'What should change?', change);
      }
      const turns = page.getByRole('region', { name: 'Turns of this conversation' });
      await expect.poll(() => turns.getByRole('listitem').count()).toBe(3);
      await page.getByText('Compare with the turn before').click();
      const slider = page.getByLabel('How much of the turn before is shown');
      await slider.press('End');
      expect(await slider.inputValue()).toBe('100');
      expect(await listViolations(page)).toEqual([]);
      await page.goto(first);
      await page.getByRole('button', { name: 'Keep editing' }).click();
      await make(page, 'What should change?', 'in spring');
      await expect.poll(() => turns.getByRole('listitem').count()).toBe(2);
      await page.goto(first);
      await turns.getByText('Branch 2').waitFor();
    });
  });

  it('a request is told live why it waits, and is cancelled', { timeout }, async () => {
    await server.admin.pause({ kind: 'upstream', name: 'sandbox' });
    try {
      await visit('/', async (page) => {
        await page.getByLabel('What should the picture show?').fill('a slow snail');
        await page.getByRole('button', { name: /make picture/i }).click();
        await page
          .getByText(/paused/i)
          .first()
          .waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByText('This request was cancelled').waitFor();
      });
    } finally {
      await server.admin.resume({ kind: 'upstream', name: 'sandbox' });
    }
  });

  it('the gallery shows what its address says, and a failed request is queued again from it', { timeout }, async () => {
    await visit('/gallery?status=failed', async (page) => {
      await page.locator('.tile').first().waitFor();
      expect(await page.locator('.tile').count()).toBe(1);
      await page.locator('.tile').click();
      await page.getByRole('button', { name: 'Requeue' }).click();
      await expect
        .poll(async () => (await server.client.attempts(content.failed.request_id)).attempts.length)
        .toBeGreaterThan(1);
      await page.keyboard.press('Escape');
      await page.getByLabel('Status').selectOption('success');
      await page.getByText('a fox asleep in autumn leaves').waitFor();
      expect(new URL(page.url()).search).toBe('?status=success');
    });
  });

  it('the gallery reads on as its end comes near', { timeout }, async () => {
    await server.admin.pause({ kind: 'upstream', name: 'sandbox' });
    try {
      const ids = await Promise.all(
        Array.from({ length: 60 }, (_, number) => server.client.submit({ payload: { prompt: `a kite, ${number}` } })),
      );
      await visit('/gallery?status=queued', async (page) => {
        await page.getByText('60 requests').waitFor();
        await page.locator('.tile').last().scrollIntoViewIfNeeded();
        await expect.poll(() => page.locator('.tile').count()).toBe(60);
        expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
      });
      await Promise.all(ids.map(({ request_id }) => server.client.cancel(request_id)));
    } finally {
      await server.admin.resume({ kind: 'upstream', name: 'sandbox' });
    }
  });

  it('a key that is no operator’s is told so in a sentence, and sees its own numbers', { timeout }, async () => {
    const args = ['keys', 'create', '--name', 'plain', '--data-dir', server.dataDir];
    const key = /dk_\S+/.exec((await darkroom(args)).output)?.[0] ?? '';
    const opened = await openConsole(browser, { server, path: '/queue' }, { key });
    try {
      await opened.page.getByText('are the operator’s: sign in with an admin key').waitFor();
      await opened.page.getByRole('list', { name: 'Requests of your organization' }).waitFor();
      expect(await opened.page.getByText('Sandbox', { exact: true }).count()).toBe(0);
    } finally {
      await opened.close();
    }
  });

  it('an operator pauses and resumes an upstream', { timeout }, async () => {
    await visit('/queue', async (page) => {
      await page.getByRole('button', { name: 'Pause sandbox' }).first().click();
      await page.getByText('Paused', { exact: true }).first().waitFor();
      await page.getByRole('button', { name: 'Resume sandbox' }).first().click();
      await page.getByText('Open', { exact: true }).first().waitFor();
    });
  });
});

async function make(page: Page, label: string, prompt: string): Promise<void> {
  const before = page.url();
  await page.getByLabel(label).fill(prompt);
  await page.getByRole('button', { name: /make picture/i }).click();
  await page.waitForURL((url) => url.href !== before);
  await page.getByText('Ready', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Keep editing' }).waitFor();
}

/** Lets go of a file over the form, or pastes it into the prompt. */
async function give(page: Page, given: { readonly kind: 'drop' | 'paste'; readonly base64: string }): Promise<void> {
  await page.getByLabel('What should the picture show?').waitFor();
  // As text, since the types of the page are not those of the server's sources.
  await page.evaluate(`(({ kind, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], 'colour.png', { type: 'image/png' }));
    const event = kind === 'drop'
      ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector('textarea').dispatchEvent(event);
  })(${JSON.stringify(given)})`);
}
