import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = `
  import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
  setFlagsFromString('--semi-space-growth-factor=1');
  const { holdYoungGeneration } = await import(process.argv[1]);
  const toMiB = () => {
    const space = getHeapSpaceStatistics().find((each) => each.space_name === 'new_space');
    return Math.round((space.space_used_size + space.space_available_size) / 2 ** 20);
  };
  const work = async () => {
    const alive = [];
    for (let turn = 0; turn < 300; turn++) {
      for (let index = 0; index < 500; index++) alive[(turn * 500 + index) % 40_000] = { turn, index, text: 't' + turn };
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await work();
  const before = toMiB();
  holdYoungGeneration();
  await work();
  console.log(JSON.stringify({ before, after: toMiB() }));
`;

test('the young generation grows to 4 MB while there is work, and no further', async () => {
  const file = new URL('./young-generation.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, file]);
  const { before, after } = JSON.parse(stdout);
  expect(before).toBe(1);
  expect([4, 8]).toContain(after);
});
