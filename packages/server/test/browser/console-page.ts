import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { askForShared, isSharing } from '../shared/ask-for-shared.ts';
import { toLaunchOptions } from '../shared/chromium.ts';
import type { TestServer } from '../start-server.ts';

/** How long a browser test, and the start before it, may take when other programs keep the machine busy. */
export const timeout = 120_000;

/** How long anything may keep a page waiting. */
const longestWaitMs = 60_000;

/** A browser of its own, or a connection to the one that the test files of a run share. */
export async function openBrowser(): Promise<Browser> {
  return isSharing
    ? playwright.connect(await askForShared('chromium'), { timeout })
    : playwright.launch(await toLaunchOptions());
}

export interface PageOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** A different key from the server's first; `null`: nobody is signed in. */
  readonly key?: string | null;
}

/** A page that records its errors, and its calls to other hosts. */
export interface ConsolePage {
  readonly page: Page;
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

/** Opens a page of the console as somebody who is already signed in. */
export async function openConsole(
  browser: Browser,
  { server, path }: { readonly server: Pick<TestServer, 'url' | 'key'>; readonly path: string },
  { theme = 'light', width = 1280, height = 900, key = server.key }: PageOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height },
    // Nothing moves while the page is measured or photographed.
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
