import { expect, it } from 'vitest';
import { maxFirstLoadBytes, measureFirstLoad } from './first-load.ts';
import { maxSdkBytes, measureSdk } from './sdk-bundle.ts';

// Needs the console's build, which `npm ci` makes.
it('the first load of the console holds its budget', async () => {
  const { files, bytes } = await measureFirstLoad();
  // A page, a script and a style at least: else nothing was measured.
  expect(files.map(({ name }) => name.replace(/^.*\./, ''))).toEqual(expect.arrayContaining(['html', 'js', 'css']));
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThanOrEqual(maxFirstLoadBytes);
});

it('the SDK of an app that submits and waits holds its budget, without the schemas of the protocol', async () => {
  const bytes = await measureSdk();
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThanOrEqual(maxSdkBytes);
});
