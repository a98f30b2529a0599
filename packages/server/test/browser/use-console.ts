import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { SettingValues } from '../../src/config/load-config.ts';
import { drawPlain } from '../draw-plain.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { openBrowser, openConsole, type PageOptions, timeout } from './console-page.ts';

/** A whole Darkroom and a browser for the tests of one file. Needs the console's build, which `npm ci` makes. */
export interface Console {
  readonly server: TestServer;
  /** Opens a page, uses it, and expects no errors on it. */
  visit(path: string, use: (page: Page) => Promise<void>, options?: VisitOptions): Promise<void>;
}

export interface VisitOptions extends PageOptions {
  /** Errors that the test causes on purpose. */
  readonly forgives?: RegExp;
}

/** Starts both before the tests of the file and stops them afterwards. */
export function useConsole(settings: SettingValues | (() => Promise<SettingValues>) = {}): Console {
  let server: TestServer | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    const flags = typeof settings === 'function' ? await settings() : settings;
    server = await startServer(flags, { illustrate: drawPlain });
    browser = await openBrowser();
  }, timeout);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  const started = () => {
    if (!server || !browser) throw new Error('The server and its browser start before the tests.');
    return { server, browser };
  };
  return {
    get server() {
      return started().server;
    },
    visit: async (path, use, options = {}) => {
      const opened = await openConsole(started().browser, { server: started().server, path }, options);
      try {
        await use(opened.page);
        expect(opened.troubles.filter((trouble) => options.forgives?.test(trouble) !== true)).toEqual([]);
      } finally {
        await opened.close();
      }
    },
  };
}

/** The findings of axe on the page, by rule and element. */
export async function listViolations(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(await axe);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
  );
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Asks for the picture that the studio's form describes, and waits until it is there. */
export async function makePicture(page: Page, label: string, prompt: string): Promise<void> {
  const before = page.url();
  await page.getByLabel(label).fill(prompt);
  await page.getByRole('button', { name: /^(make|change) picture/i }).click();
  await page.waitForURL((url) => url.href !== before);
  await page.locator('.print-head').getByText('Ready', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Keep editing' }).waitFor();
}
