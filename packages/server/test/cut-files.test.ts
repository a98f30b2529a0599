import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fromCopiedReference } from '@darkroom/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPictureKey } from '../src/media/picture-name.ts';
import { drawPlain } from './draw-plain.ts';
import { startTestServer, type TestServer as TestPostgres } from './postgres/test-database.ts';
import { darkroom as runDarkroom } from './run-here.ts';
import { startServer, type TestServer } from './start-server.ts';

/** What happens to a picture that a caller has sent when the storage loses a part of it, over HTTP. */

const prompt = 'the same by night';
let postgres: TestPostgres;
let png: Buffer;

beforeAll(async () => {
  postgres = await startTestServer();
  png = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#3b82f6' } })
    .png()
    .toBuffer();
});
afterAll(() => postgres.stop());

/** The address of a picture that was sent in this way. */
const ways = {
  'was uploaded': ({ client }: TestServer) => client.upload(png),
  'stood in a payload': async ({ client }: TestServer) => {
    const image = [`data:image/png;base64,${png.toString('base64')}`];
    const { request_id } = await client.submit({ payload: { prompt, image } });
    const { outcome } = await client.wait(request_id);
    const [, copied = ''] = /"fileUri":"([^"]+)"/.exec(JSON.stringify(outcome)) ?? [];
    return fromCopiedReference(copied);
  },
};

const losses: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'cut off': (file) => truncate(file, png.length - 1),
  missing: (file) => rm(file),
};

describe.each(['SQLite', 'PostgreSQL'])('on %s', (store) => {
  let darkroom: TestServer;
  let settings: Record<string, string>;
  beforeAll(async () => {
    settings = store === 'SQLite' ? {} : { DATABASE_URL: await postgres.createDatabase() };
    darkroom = await startServer(settings, { illustrate: drawPlain });
  });
  afterAll(() => darkroom.stop());

  const make = async (image: string) => {
    const { request_id } = await darkroom.client.submit({ payload: { prompt, image } });
    return darkroom.client.wait(request_id);
  };
  const examine = () => runDarkroom(['doctor', '--data-dir', darkroom.dataDir], settings);

  describe.each(Object.entries(ways))('a picture that %s', (_how, send) => {
    it.each(Object.entries(losses))(
      'is media_lost when its file is %s: never 200, no thumbnail, not sent upstream, named by the doctor; and fine when it is back',
      async (state, lose) => {
        const url = await send(darkroom);
        const name = path.basename(url);
        const file = path.join(darkroom.dataDir, 'media', toPictureKey(name));
        expect((await fetch(url)).status).toBe(200);
        await lose(file);

        for (const [address, method] of [
          [url, 'GET'],
          [url, 'HEAD'],
          [`${url}/thumbnail`, 'GET'],
        ] as const) {
          expect((await fetch(address, { method })).status).toBe(410);
        }
        const { request_id, error, outcome } = await make(url);
        expect(error).toContain('stored');
        expect(outcome).toMatchObject({ error: { code: 'media_lost', blame: 'operator' } });
        const { attempts } = await darkroom.client.attempts(request_id);
        expect(attempts.filter(({ sent_at }) => sent_at !== null)).toEqual([]);
        const ill = await examine();
        expect([ill.code, ill.output]).toEqual([1, expect.stringContaining(`1 ${state} (${name})`)]);

        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, png);
        expect((await fetch(url)).status).toBe(200);
        expect((await fetch(`${url}/thumbnail`)).status).toBe(200);
        expect((await make(url)).status).toBe('success');
        expect((await examine()).output).toMatch(/✓ pictures/);
      },
    );
  });
});
