import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { PrivateObject, toJson } from './json-answer.ts';

let folder: string;
let media: MediaStore;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-json-'));
  media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
});
afterEach(() => rm(folder, { recursive: true }));

async function toText(value: unknown): Promise<string> {
  const { bytes, chunks } = await toJson(value, media);
  const text = Buffer.concat(await Array.fromAsync(chunks()));
  expect(text.length).toBe(bytes);
  return text.toString();
}

describe('JSON with private objects', () => {
  it('has a signature as it was spelled, and an original in base64', async () => {
    const file = { path: path.join(folder, 'spelled'), bytes: 9 };
    await writeFile(file.path, String.raw`a\/b+==é`);
    const key = await media.keepSignature(file);
    const value = { é: [new PrivateObject(key, 'signature'), new PrivateObject(key, 'original')], z: 1 };
    const base64 = Buffer.from(String.raw`a\/b+==é`).toString('base64');
    expect(await toText(value)).toBe(String.raw`{"é":["a\/b+==é","${base64}"],"z":1}`);
  });

  it('has an empty text for a signature that is lost, and none for an original that is lost', async () => {
    expect(await toText([new PrivateObject('signatures/aa/gone', 'signature')])).toBe('[""]');
    await expect(toText([new PrivateObject('originals/aa/gone.png', 'original')])).rejects.toMatchObject({
      code: 'media_lost',
    });
  });
});
