import sharp from 'sharp';
import { expect, it } from 'vitest';
import { padJpeg } from './jpeg-padding.ts';

const bare = await draw();
// A JFIF file, whose first segment has to stay first.
const jfif = Buffer.concat([
  bare.subarray(0, 2),
  Buffer.from('ffe000104a46494600010100000100010000', 'hex'),
  bare.subarray(2),
]);

it.each([4, 5, 65_536, 65_537, 65_538, 65_540, 65_541, 65_542, 131_077, 1_000_000])(
  'makes the file exactly %i bytes longer, and the pixels stay the same',
  async (more) => {
    for (const jpeg of [bare, jfif]) {
      const padded = Buffer.concat([...padJpeg(jpeg, jpeg.length + more)]);
      expect(padded).toHaveLength(jpeg.length + more);
      expect(await sharp(padded).raw().toBuffer()).toEqual(await sharp(jpeg).raw().toBuffer());
    }
  },
);

it('does not change a picture that is long enough', () => {
  expect(Buffer.concat([...padJpeg(bare, 10)])).toEqual(bare);
});

it('adds no less than a whole segment', () => {
  expect(Buffer.concat([...padJpeg(bare, bare.length + 1)])).toHaveLength(bare.length + 4);
});

it('keeps the JFIF segment first', () => {
  expect(Buffer.concat([...padJpeg(jfif, jfif.length + 100)]).subarray(0, 20)).toEqual(jfif.subarray(0, 20));
});

function draw(): Promise<Buffer> {
  return sharp({ create: { width: 16, height: 16, channels: 3, background: '#654' } })
    .jpeg()
    .toBuffer();
}
