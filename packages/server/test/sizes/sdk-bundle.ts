import { gzipSync } from 'node:zlib';
import { bundleForBrowser } from '../bundle-for-browser.ts';

export const maxSdkBytes = 12_000;

/** What the SDK adds to an app that submits and waits, bundled, minified and compressed with gzip. */
export async function measureSdk(): Promise<number> {
  const code = await bundleForBrowser('sizes/submit-and-wait.ts', { isMinified: true });
  return gzipSync(code, { level: 9 }).length;
}
