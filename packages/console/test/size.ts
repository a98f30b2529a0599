import { maxFirstLoadBytes, measureFirstLoad } from './first-load.ts';

/** `npm run size`: what the first page of the console weighs, file by file. Fails when that is too much. */

const { files, bytes } = await measureFirstLoad();
const lines = [...files, { name: 'first load, with gzip', bytes }, { name: 'at most', bytes: maxFirstLoadBytes }];
for (const line of lines) console.log(`${(line.bytes / 1_000).toFixed(1).padStart(7)} KB  ${line.name}`);
if (bytes > maxFirstLoadBytes) {
  console.error('The first load of the console is too large.');
  process.exitCode = 1;
}
