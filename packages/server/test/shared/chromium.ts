import type { BrowserServer, LaunchOptions } from 'playwright-core';

let shared: BrowserServer | undefined;

/**
 * Starts the browser of a run and resolves to the address at which test files connect to it: a start takes two seconds of
 * processor time. No file sees the pages of another, and all pages of a file are closed when it disconnects.
 */
export async function startChromium(): Promise<string> {
  // Here, because a run without browser tests does not need it.
  const { chromium } = await import('playwright-core');
  shared = await chromium.launchServer(await toLaunchOptions());
  return shared.wsEndpoint();
}

export async function stopChromium(): Promise<void> {
  await shared?.close();
}

export async function toLaunchOptions(): Promise<LaunchOptions> {
  const { default: chromium } = await import('@sparticuz/chromium');
  return {
    executablePath: await chromium.executablePath(),
    // The package's own arguments put all pages into one process, which ends when the first page is closed.
    args: ['--no-sandbox', '--disable-gpu'],
    headless: true,
  };
}
