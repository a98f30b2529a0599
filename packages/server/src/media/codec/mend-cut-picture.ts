import { appendFile, copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import type { SpoolFile } from '@darkroom/json-stream';
import { UnreadablePictureError } from '../media-errors.ts';
import { completePng } from './complete-png.ts';
import { maxDecodeBytes } from './decode-cost.ts';
import { loadSharp } from './load-sharp.ts';
import { assertDecodable, decodePicture, type HeadedPicture, inTurn } from './picture-codec.ts';

/** Larger pictures are not mended. A 4K picture has 26 MB at most. */
const maxBytes = 64_000_000;

/**
 * Writes a whole picture to `path` if this one lacks only its last bytes: at most one part in 32 of its rows is
 * missing, and those rows become black or grey. `undefined` when it lacks more, or when something else is wrong with
 * it.
 */
export async function mendCutPicture({ file, head }: HeadedPicture, path: string): Promise<HeadedPicture | undefined> {
  if (file.bytes > maxBytes || !['image/png', 'image/jpeg'].includes(head.type)) return undefined;
  const isCompleted = head.type === 'image/png' ? await writeWholePng(file, path) : await writeWholeJpeg(file, path);
  if (!isCompleted) return undefined;
  const mended = { file: { path, bytes: (await stat(path)).size }, head };
  try {
    await assertDecodable(mended);
    if (head.type === 'image/jpeg' && !(await hasLastRows(mended))) return undefined;
    return mended;
  } catch (error) {
    if (error instanceof UnreadablePictureError) return undefined;
    throw error;
  }
}

/** Both files and the pixels are in memory as a whole, up to 400 MB: nothing else is decoded meanwhile. */
async function writeWholePng({ path }: SpoolFile, to: string): Promise<boolean> {
  return await inTurn(maxDecodeBytes, async () => {
    const completed = await completePng(await readFile(path));
    if (completed) await writeFile(to, completed);
    return completed !== undefined;
  });
}

async function writeWholeJpeg({ path }: SpoolFile, to: string): Promise<boolean> {
  await copyFile(path, to);
  await appendFile(to, endOfJpeg);
  return true;
}

const endOfJpeg = Buffer.from('ffd9', 'hex');

/**
 * After the end of a JPEG's data, the decoder fills the rest with one colour, so rows that differ from the next row were
 * really decoded. A progressive JPEG has all rows early and gains detail until its end, so nothing of it may be missing.
 */
async function hasLastRows(picture: HeadedPicture): Promise<boolean> {
  const sharp = await loadSharp();
  const { path } = picture.file;
  if (picture.head.isProgressive) {
    const strict = sharp(path, { sequentialRead: true, failOn: 'warning' });
    const work = () => strict.resize({ width: 8, kernel: 'linear' }).raw().toBuffer();
    return decodePicture(picture, 'small', work).then(
      () => true,
      () => false,
    );
  }
  const { data, info } = await decodePicture(picture, 'small', async (opened) => {
    const { width, height } = await sharp(path).metadata();
    // The decoder smooths colours over two rows, and works in blocks of 16.
    const rows = Math.min(height, Math.max(16, Math.floor(height / 32))) - 2;
    return opened
      .extract({ left: 0, top: height - rows, width, height: rows })
      .raw()
      .toBuffer({ resolveWithObject: true });
  });
  const rowBytes = info.width * info.channels;
  const startsOfRows = Array.from({ length: info.height - 1 }, (_, row) => row * rowBytes);
  return startsOfRows.some((at) => data.compare(data, at, at + rowBytes, at + rowBytes, at + 2 * rowBytes) !== 0);
}
