import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { illustrate } from '../illustrate.ts';
import { lookAtAll } from './look-at.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'references-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function save(name: string, bytes: Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return { path, bytes: bytes.length };
}

const plain = (background: string, width = 90, height = 60) =>
  sharp({ create: { width, height, channels: 3, background } });
const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1 and no picture', 'latin1');
const pixels = { width: 400, height: 400 };

it('finds the ratio and the colours of a picture in any format it reads', async () => {
  const files = await Promise.all([
    plain('#d02020')
      .jpeg()
      .toBuffer()
      .then((bytes) => save('a.jpg', bytes)),
    plain('#20d020')
      .webp()
      .toBuffer()
      .then((bytes) => save('b', bytes)),
    sharp(heic.subarray(0, 3), { raw: { width: 1, height: 1, channels: 3 } })
      .png()
      .toBuffer()
      .then((bytes) => save('c.jpg', bytes)),
  ]);
  const seen = await lookAtAll(files);
  expect(seen.map(({ look }) => look.ratio)).toEqual([1.5, 1.5, 1]);
  expect(seen[0]?.look.colours[0]).toMatch(/^#[cd]./);
});

it('rotates a picture as its EXIF orientation says', async () => {
  const turned = await plain('#808080').withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const [seen] = await lookAtAll([await save('turned.jpg', turned)]);
  expect(seen?.look.ratio).toBeCloseTo(2 / 3);
});

it('hangs an empty frame for a file that it cannot read', async () => {
  const cut = (await plain('#123456', 900, 900).png().toBuffer()).subarray(0, 60);
  const files = [await save('x.heic', heic), await save('cut.png', cut), await save('empty', Buffer.alloc(0))];
  const seen = await lookAtAll([...files, { path: join(folder, 'missing'), bytes: 1 }]);
  expect(seen.map(({ look, raw }) => [look.isReadable, raw])).toEqual(
    Array.from({ length: 4 }, () => [false, undefined]),
  );
  const picture = await illustrate({ prompt: 'a fox', references: files, pixels });
  expect(await sharp(picture).metadata()).toMatchObject(pixels);
});

it('shows 14 references, and the same ones always in the same way', async () => {
  const files = await Promise.all(
    Array.from({ length: 14 }, async (_, index) =>
      save(
        `${index}.png`,
        await plain(`hsl(${index * 25}, 70%, 50%)`)
          .png()
          .toBuffer(),
      ),
    ),
  );
  const draw = (references: typeof files) => illustrate({ prompt: 'a fox', references, pixels });
  const [first, again, fewer] = await Promise.all([draw(files), draw(files), draw(files.slice(0, 13))]);
  expect(first.equals(again)).toBe(true);
  expect(first.equals(fewer)).toBe(false);
});

it('shows a single reference in the requested colour and light', async () => {
  const reference = await save('grey.png', await plain('#a0a0a0', 300, 300).png().toBuffer());
  const toMiddle = async (prompt: string) => {
    const picture = await illustrate({ prompt, references: [reference], pixels, format: 'png' });
    const region = await sharp(picture).extract({ left: 180, top: 200, width: 40, height: 40 }).toBuffer();
    const { channels } = await sharp(region).stats();
    return channels.map(({ mean }) => mean);
  };
  const [plainly, red, night] = [
    await toMiddle('look'),
    await toMiddle('make it red'),
    await toMiddle('make it night'),
  ];
  expect((red[0] ?? 0) - (red[2] ?? 0)).toBeGreaterThan(60);
  expect(night[0]).toBeLessThan((plainly[0] ?? 0) * 0.75);
});
