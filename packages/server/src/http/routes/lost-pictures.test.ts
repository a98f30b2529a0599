import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../test/app-harness.ts';
import { succeed } from '../../../test/request-moves.ts';
import { toPictureKey } from '../../media/picture-name.ts';

const test = useApp();

/** A request that has succeeded, whose file was not written, and some time later. */
async function makeLost(): Promise<{ id: string; name: string; bytes: number }> {
  const harness = test.current;
  const { request_id: id } = (await harness.submit({ prompt: 'a panda' })).json();
  await succeed(harness);
  harness.clock.advance(11 * 60_000);
  const [picture] = await harness.store.requests.listPictures({ limit: 1 });
  if (!picture) throw new Error('No row names a picture.');
  return { id, ...picture };
}

async function put(name: string, bytes: number): Promise<void> {
  const file = path.join(test.current.folder, 'media', toPictureKey(name));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, Buffer.alloc(bytes));
}

const readMedia = async (id: string) => (await test.current.call({ url: `${requestsUrl}/${id}` })).json().media[0];

describe('the record of a picture whose file is lost', () => {
  it('says media_lost and whose fault it is, when the file is missing or cut off, and nothing when it is whole', async () => {
    const { id, name, bytes } = await makeLost();
    const error = { code: 'media_lost', retryable: false, blame: 'operator' };
    expect(await readMedia(id)).toMatchObject({ error });
    await put(name, bytes - 1);
    expect(await readMedia(id)).toMatchObject({ error });
    await put(name, bytes);
    expect(await readMedia(id)).not.toHaveProperty('error');
  });

  it('asks the storage once in ten minutes at most while the picture is well', async () => {
    const { id, name, bytes } = await makeLost();
    await put(name, bytes);
    expect(await readMedia(id)).not.toHaveProperty('error');
    await put(name, 9);
    expect(await readMedia(id)).not.toHaveProperty('error');
    test.current.clock.advance(11 * 60_000);
    expect(await readMedia(id)).toHaveProperty('error');
  });
});
