import { describe, expect, it } from 'vitest';
import { maxTextBytes } from '../../core/text-limit.ts';
import { JsonScan } from './json-scan.ts';

const scan = (json: string, chunkSize = json.length) => {
  const scanned = new JsonScan();
  const bytes = Buffer.from(json);
  for (let at = 0; at < bytes.length; at += chunkSize) scanned.look(bytes.subarray(at, at + chunkSize));
  return scanned.problem?.message;
};
const base64 = 'A'.repeat(maxTextBytes + 4);

describe('the scan of a body', () => {
  it('says how many keys and entries there are, and how many there may be', () => {
    const list = (length: number) => JSON.stringify(Array(length).fill(1));
    expect(scan(list(15_000))).toBeUndefined();
    expect(scan(list(15_001))).toBe('The body has 15,001 keys and list entries: at most 15,000 are allowed.');
    expect(scan(list(15_001), 7)).toMatch('15,001 keys');
    // Inside a string they are only characters.
    expect(scan(JSON.stringify(`\\"${list(15_001)}`), 3)).toBeUndefined();
  });

  it('says how deep it is nested', () => {
    const nest = (depth: number) => '[{"a":'.repeat(depth / 2) + '}]'.repeat(depth / 2);
    expect(scan(nest(100))).toBeUndefined();
    expect(scan(nest(5_000), 11)).toBe('The body is nested 5,000 levels deep: at most 100 are allowed.');
  });

  it.each([
    ['a data URI', `{"image":["data:image/png;base64,${base64}"]}`],
    ['the DATA: of another', `{"image":"DATA:image/png;base64,${base64}"}`],
    ['the value of a key data', `{"inlineData": {"data" : "${base64}"}}`],
    ['with the slashes that PHP escapes', `{"image":"data:image\\/png;base64,${base64}"}`],
  ])('does not count a picture: %s', (_name, json) => {
    for (const chunkSize of [json.length, 65_536, 1_001]) expect(scan(json, chunkSize)).toBeUndefined();
  });

  it.each([
    ['a prompt', `{"prompt":"${base64}"}`],
    ['blanks', `{${' '.repeat(maxTextBytes)}}`],
    ['a string that says data', `{"a":["data","${base64}"]}`],
    ['an escaped picture', `{"image":"data:\\u0041${base64}"}`],
    ['no string that ends', `{"a":"${base64}`],
  ])('counts everything else: %s', (_name, json) => {
    for (const chunkSize of [json.length, 65_536, 1_001])
      expect(scan(json, chunkSize)).toMatch(
        /^The body has 4,19\d,\d{3} bytes without its pictures: at most 4,194,304 \(4 MiB\) are allowed\.$/,
      );
  });
});
