import { maxFirstLoadBytes, measureFirstLoad } from './first-load.ts';
import { maxSdkBytes, measureSdk } from './sdk-bundle.ts';

/** `npm run size`: what the first page of the console and the SDK weigh with gzip. Fails when one of them is too large. */

const { files, bytes } = await measureFirstLoad();
const rows = [
  ...files,
  { name: 'first load of the console', bytes, atMost: maxFirstLoadBytes },
  { name: 'submit and wait of the SDK', bytes: await measureSdk(), atMost: maxSdkBytes },
];
const toKilobytes = (size: number) => `${(size / 1_000).toFixed(1)} KB`;
for (const row of rows) {
  const limit = 'atMost' in row ? `, at most ${toKilobytes(row.atMost)}` : '';
  console.log(`${toKilobytes(row.bytes).padStart(10)}  ${row.name}${limit}`);
  if ('atMost' in row && row.bytes > row.atMost) {
    console.error(`The ${row.name} is too large.`);
    process.exitCode = 1;
  }
}
