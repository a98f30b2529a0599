import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import type { TestServer } from '../start-server.ts';

/** So long may a browser test take, and the start before it, where other programs keep the machine busy. */
export const timeout = 120_000;

/** So long something may keep a page waiting. */
const longestWaitMs = 60_000;

export async function launchChromium(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    // The package's own arguments put all pages into one process, which ends with the first page that is closed.
    args: ['--no-sandbox', '--disable-gpu'],
    headless: true,
  });
}

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Another key than the server's first; `null`: nobody is signed in. */
  readonly key?: string | null;
}

/** A page that keeps what went wrong on it, and what it asked of other hosts. */
export interface ConsolePage {
  readonly page: Page;
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

/** Opens a page of the console as somebody who is signed in already. */
export async function openConsole(
  browser: Browser,
  { server, path }: { readonly server: Pick<TestServer, 'url' | 'key'>; readonly path: string },
  { theme = 'light', width = 1280, height = 900, key = server.key }: PageOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height },
    // Nothing moves while it is measured or pictured.
    reducedMotion: 'reduce',
    ...(key !== null && {
      storageState: {
        cookies: [],
        origins: [{ origin: server.url, localStorage: [{ name: 'darkroom.apiKey', value: key }] }],
      },
    }),
  });
  context.setDefaultTimeout(longestWaitMs);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== server.url) troubles.push(`asked ${request.url()}`);
  });
  await page.goto(`${server.url}${path}`, { waitUntil: 'load' });
  return { page, troubles, close: () => context.close() };
}
