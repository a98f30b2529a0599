import { firstTake, toTake } from '@darkroom/illustrator';
import { expect, it } from 'vitest';
import { sign, verify } from './signatures.ts';

const picture = Buffer.from('the bytes of a picture');

it.each([
  [0, 44],
  [44, 44],
  [4095, 4092],
  [4096, 4096],
  [2_000_000, 2_000_000],
])('is base64 of the requested length, in whole groups: %i', (asked, length) => {
  const text = [...sign([picture], asked)].join('');
  expect(text).toHaveLength(length);
  expect(Buffer.from(text, 'base64').toString('base64')).toBe(text);
});

it('verifies after a restart: the same bytes have the same signature, however they are split', async () => {
  expect([...sign([picture], 88)]).toEqual([...sign([picture.subarray(0, 3), picture.subarray(3)], 88)]);
  expect([...sign([picture], 44)]).toEqual(['AXUQoo5OC958rDDarRTspXAWqSEl/KSQ2cbgvoQvqlu4']);
});

it('verifies in the URL-safe alphabet, in which some clients send it back', async () => {
  const bytes = Buffer.from('all the letters'.repeat(9));
  const text = [...sign([bytes], 440)].join('');
  expect(text).toMatch(/[+/]/);
  expect(await verify(stream(text.replaceAll('+', '-').replaceAll('/', '_')), stream(bytes))).toEqual(firstTake);
});

it('contains the take of the picture', async () => {
  for (const take of [toTake(2, undefined), toTake(15, undefined), toTake(16, { scene: 15, shade: 0 })]) {
    const text = [...sign([picture], 200, take)].join('');
    expect(await verify(stream(text), stream(picture))).toEqual(take);
  }
});

it('is given in slabs of less than 64 KB', () => {
  expect(Math.max(...[...sign([picture], 2_000_000)].map((slab) => slab.length))).toBeLessThan(65_536);
});

it.each<[string, (text: string) => string]>([
  ['one changed character', (text) => `${text.slice(0, 100)}${text[100] === 'A' ? 'B' : 'A'}${text.slice(101)}`],
  ['a lost end', (text) => text.slice(0, -1)],
  ['too short a text', (text) => text.slice(0, 40)],
  ['nothing', () => ''],
  ['a stand-in', () => 'skip_thought_signature_validator'],
])('does not verify with %s', async (_what, spoil) => {
  const text = [...sign([picture], 200)].join('');
  expect(await verify(stream(text), stream(picture))).toEqual(firstTake);
  expect(await verify(stream(spoil(text)), stream(picture))).toBeUndefined();
});

async function* stream(bytes: string | Buffer): AsyncGenerator<Uint8Array> {
  const whole = Buffer.from(bytes);
  for (let at = 0; at < whole.length; at += 7) yield whole.subarray(at, at + 7);
}
