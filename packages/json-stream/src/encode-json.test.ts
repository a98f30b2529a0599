import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeJson } from './encode-json.ts';
import { SpooledString } from './spooled-string.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encode-json-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('encodeJson', () => {
  it.each([0, 1, 2, 3, 196_607, 196_608, 196_609, 500_000])('encodes a file of %i bytes', async (length) => {
    const bytes = Buffer.alloc(length, 'seed');
    const encoded = encodeJson({ a: [await spool(bytes)], ключ: 'é' });
    const body = await collect(encoded.chunks());
    expect(body.toString()).toBe(JSON.stringify({ a: [bytes.toString('base64')], ключ: 'é' }));
    expect(encoded.bytes).toBe(body.length);
  });

  it('can be sent again from the start', async () => {
    const encoded = encodeJson([await spool(Buffer.from('again'))]);
    expect(await collect(encoded.chunks())).toEqual(await collect(encoded.chunks()));
  });

  it.each([4, 6])('rejects when a file that should have 5 bytes has %i', async (length) => {
    const { file } = await spool(Buffer.alloc(length));
    const encoded = encodeJson([new SpooledString({ path: file.path, bytes: 5 }, 'base64')]);
    await expect(collect(encoded.chunks())).rejects.toThrow('changed its size');
  });

  it('sends a spelled file unchanged', async () => {
    const { file } = await spool(Buffer.from('a\\"\\\\\\ud83dé'));
    const encoded = encodeJson([new SpooledString(file, 'spelled')]);
    expect((await collect(encoded.chunks())).toString()).toBe('["a\\"\\\\\\ud83dé"]');
  });

  it.each(['"', '\\\\"', '\\', '\\\\\\', '\n', '\u0000'])('rejects a spelled file that ends in %j', async (end) => {
    const { file } = await spool(Buffer.from(`plain${end}`));
    await expect(collect(encodeJson([new SpooledString(file, 'spelled')]).chunks())).rejects.toThrow('quotes');
  });

  it('refuses a text file, because its length in JSON is not known', async () => {
    const { file } = await spool(Buffer.from('text'));
    expect(() => encodeJson([new SpooledString(file, 'text')])).toThrow(TypeError);
  });

  it('rejects when a file is missing', async () => {
    const encoded = encodeJson([new SpooledString({ path: join(folder, 'missing'), bytes: 1 }, 'base64')]);
    await expect(collect(encoded.chunks())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

async function spool(bytes: Buffer): Promise<SpooledString> {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  return new SpooledString({ path, bytes: bytes.length }, 'base64');
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return Buffer.concat(collected);
}
