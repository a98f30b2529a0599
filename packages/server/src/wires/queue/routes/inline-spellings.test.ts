import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { fail } from '../../../../test/request-moves.ts';
import { toPictureKey } from '../../../media/picture-name.ts';

const app = useApp();

const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
const png = await sharp({ create: { width: 16, height: 16, channels: 3, noise, background: 'red' } })
  .png()
  .toBuffer();
// Not a multiple of three, so that the standard form is padded.
const bytes = Buffer.concat([png, Buffer.alloc(4 - (png.length % 3))]);
const base64 = bytes.toString('base64');

const spellings: readonly (readonly [name: string, spelled: string])[] = [
  ['as a standard data URI', `data:image/png;base64,${base64}`],
  ['with line breaks', `data:image/png;base64,${base64.replace(/.{1,76}/g, '$&\r\n')}`],
  ['with a space behind the comma', `data:image/png;base64, ${base64}`],
  ['percent-encoded', `data:image/png;base64,${encodeURIComponent(base64)}`],
  ['in the URL-safe alphabet', `data:image/png;base64,${bytes.toString('base64url')}`],
  ['without padding', `data:image/png;base64,${base64.replace(/=+$/, '')}`],
  ['without a type', `data:;base64,${base64}`],
  ['as bytes of any kind', `data:application/octet-stream;base64,${base64}`],
  ['with a lying type and a name', `data:image/jpeg;name=a.jpg;base64,${base64}`],
  ['as bare base64', base64],
  ['as bare base64 with line breaks', `\n${base64.replace(/.{1,76}/g, '$&\n')}`],
];

const user = (part: object) => ({ contents: [{ role: 'user', parts: [{ text: 'a' }, part] }] });

describe('a picture inside a payload', () => {
  it.each(spellings)('is stored by its bytes when it is written %s, wherever it is', async (_, spelled) => {
    const places = [
      { prompt: 'a', image: spelled },
      { prompt: 'a', image: ['https://pictures.test/a.png', spelled] },
      user({ fileData: { fileUri: spelled } }),
      user({ inlineData: { mimeType: 'image/png', data: spelled } }),
    ];
    for (const payload of places) {
      const reply = await app.current.submit(payload);
      expect(reply.statusCode, reply.body).toBe(200);
      const { request, order } = await fail(app.current);
      const [{ name } = { name: '' }] = request.inline;
      expect(await readFile(path.join(app.current.folder, 'media', toPictureKey(name)))).toEqual(bytes);
      expect(JSON.stringify(order.conversation)).toContain(`media:${name}`);
      expect(JSON.stringify(order.conversation)).not.toContain(base64.slice(0, 40));
    }
  });

  it.each(spellings)('is echoed in standard base64 with its head as it was sent: %s', async (_, spelled) => {
    const { request_id } = (await app.current.submit({ prompt: 'a', image: spelled })).json();
    const record = (await app.current.call({ url: `${requestsUrl}/${request_id}` })).json();
    const head = /^data:[^,]*,/.exec(spelled)?.[0] ?? '';
    expect(record.payload.image.replace(', ', ',')).toBe(`${head}${base64}`);
  });

  it.each(['gif', 'tiff', 'avif'] as const)('may be %s', async (format) => {
    const picture = await sharp(png).toFormat(format).toBuffer();
    const reply = await app.current.submit({ prompt: 'a', image: picture.toString('base64') });
    expect(reply.statusCode, reply.body).toBe(200);
    const { request } = await fail(app.current);
    const read = await app.current.app.inject(`/media/${request.inline[0]?.name}`);
    expect([read.statusCode, read.headers['content-type']]).toEqual([200, `image/${format}`]);
  });
});
