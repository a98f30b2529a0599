import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { succeed } from '../../../../test/request-moves.ts';
import { defaultOrganizationId } from '../../../core/organization.ts';
import { toPictureKey } from '../../../media/picture-name.ts';

const test = useApp();

/** A request that has succeeded, whose file is then lost, some time later. */
async function makeLost(): Promise<{ id: string; name: string; bytes: number }> {
  const harness = test.current;
  const { request_id: id } = (await harness.submit({ prompt: 'a panda' })).json();
  await succeed(harness);
  harness.clock.advance(11 * 60_000);
  const [picture] = await harness.store.requests.listPictures({ limit: 1 });
  if (picture?.bytes === undefined) throw new Error('No row names a picture.');
  return { id, name: picture.name, bytes: picture.bytes };
}

async function put(name: string, bytes: number): Promise<void> {
  const file = path.join(test.current.folder, 'media', toPictureKey(name));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, Buffer.alloc(bytes));
}

const readMedia = async (id: string) => (await test.current.call({ url: `${requestsUrl}/${id}` })).json().media[0];

describe('a payload whose inline picture is lost', () => {
  it('is echoed without its base64 when the file is missing or cut off, never with a part of it', async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    const image = `data:image/png;base64,${png.toString('base64')}`;
    const { request_id: id } = (await test.current.submit({ prompt: 'a panda', image })).json();
    const readImage = async () => (await test.current.call({ url: `${requestsUrl}/${id}` })).json().payload.image;
    expect(await readImage()).toBe(image);
    const kept = await test.current.store.requests.find(defaultOrganizationId, id);
    const { name = '', bytes } = kept?.inline[0] ?? {};
    expect(bytes).toBe(png.length);
    await put(name, png.length - 3);
    expect(await readImage()).toBe('data:image/png;base64,');
    await rm(path.join(test.current.folder, 'media', toPictureKey(name)));
    expect(await readImage()).toBe('data:image/png;base64,');
  });
});

describe('the record of a picture whose file is lost', () => {
  it('says media_lost and whose fault it is, when the file is missing or cut off, and nothing when it is complete', async () => {
    const { id, name, bytes } = await makeLost();
    const error = { code: 'media_lost', retryable: false, blame: 'operator' };
    expect(await readMedia(id)).toMatchObject({ error });
    await put(name, bytes - 1);
    expect(await readMedia(id)).toMatchObject({ error });
    await put(name, bytes);
    expect(await readMedia(id)).not.toHaveProperty('error');
  });

  it('queries the storage at most once in ten minutes while the picture is well', async () => {
    const { id, name, bytes } = await makeLost();
    await put(name, bytes);
    expect(await readMedia(id)).not.toHaveProperty('error');
    await put(name, 9);
    expect(await readMedia(id)).not.toHaveProperty('error');
    test.current.clock.advance(11 * 60_000);
    expect(await readMedia(id)).toHaveProperty('error');
  });
});
