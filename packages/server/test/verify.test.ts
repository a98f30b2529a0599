import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPictureKey } from '../src/media/picture-name.ts';
import { drawPlain } from './draw-plain.ts';
import { type S3TestServer, startS3TestServer } from './fakes/s3-test-server.ts';
import { startTestServer, type TestServer as TestPostgres } from './postgres/test-database.ts';
import { darkroom } from './run-here.ts';
import { startServer, type TestServer } from './start-server.ts';

const orphan = `pictures/Zz/Zz${'x'.repeat(30)}.png`;

async function make(server: TestServer, prompt: string): Promise<string> {
  const { request_id } = await server.client.submit({ payload: { prompt: `${prompt} [[sandbox size=64x64]]` } });
  const name = /\/media\/([\w-]{32}\.\w+)/.exec(JSON.stringify(await server.client.wait(request_id)))?.[1];
  if (name === undefined) throw new Error('There is no picture.');
  return toPictureKey(name);
}

describe('darkroom verify', { timeout: 30_000 }, () => {
  let darkroomServer: TestServer;
  let pictures: readonly string[];
  beforeAll(async () => {
    darkroomServer = await startServer({}, { illustrate: drawPlain });
    pictures = await Promise.all(['a kite', 'an owl', 'a fox', 'a hen'].map((what) => make(darkroomServer, what)));
  });
  afterAll(() => darkroomServer.stop());

  const toFile = (key = '') => path.join(darkroomServer.dataDir, 'media', key);
  async function verify(...flags: readonly string[]) {
    const { code, output } = await darkroom(['verify', '--json', '--data-dir', darkroomServer.dataDir, ...flags]);
    return { code, ...JSON.parse(output) };
  }

  it('finds nothing wrong beside a service that runs', async () => {
    expect(await verify()).toMatchObject({ code: 0, is_whole: true, examined: 4, orphans: { count: 0 }, database: [] });
    const told = await darkroom(['verify', '--fast', '--data-dir', darkroomServer.dataDir]);
    expect(told.output).toBe('✓ 4 pictures are as their rows say\n');
  });

  it('names what is missing, cut off, changed and named by no row, and removes nothing', async () => {
    const [missing, cut, changed] = pictures.map((key) => path.basename(key));
    const bytes = await readFile(toFile(pictures[2]));
    await rm(toFile(pictures[0]));
    await truncate(toFile(pictures[1]), 9);
    await writeFile(toFile(pictures[2]), Buffer.concat([bytes.subarray(0, -1), Buffer.from([~(bytes.at(-1) ?? 0)])]));
    await mkdir(path.dirname(toFile(orphan)), { recursive: true });
    await writeFile(toFile(orphan), 'nobody knows me');
    const wrongs = { missing: { count: 1, names: [missing] }, cut: { count: 1, names: [cut] } };
    expect(await verify('--fast')).toMatchObject({ code: 1, ...wrongs, changed: { count: 0 } });
    expect(await verify()).toMatchObject({
      code: 1,
      is_whole: false,
      ...wrongs,
      changed: { count: 1, names: [changed] },
      orphans: { count: 1, names: [orphan] },
    });
    expect(await readFile(toFile(orphan), 'utf8')).toBe('nobody knows me');
    const told = await darkroom(['verify', '--data-dir', darkroomServer.dataDir]);
    expect(told.output).toContain(`✗ 1 pictures have other bytes than before: ${changed}`);
  });
});

describe('darkroom verify on PostgreSQL and a bucket', { timeout: 30_000 }, () => {
  let postgres: TestPostgres;
  let bucket: S3TestServer;
  beforeAll(async () => {
    postgres = await startTestServer();
    bucket = await startS3TestServer();
  });
  afterAll(async () => {
    await postgres.stop();
    await bucket.close();
  });

  it('compares both ways', async () => {
    const settings = {
      DATABASE_URL: await postgres.createDatabase(),
      DARKROOM_STORAGE: `s3://${bucket.bucket}/pictures?endpoint=${bucket.url}&region=us-east-1`,
    };
    const env = {
      AWS_ACCESS_KEY_ID: bucket.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.credentials.secretAccessKey,
    };
    Object.assign(process.env, env);
    const server = await startServer(settings, { illustrate: drawPlain });
    try {
      await make(server, 'a kite');
      const { code, output } = await darkroom(['verify', '--json', '--data-dir', server.dataDir], {
        ...env,
        ...settings,
      });
      expect([code, JSON.parse(output)]).toEqual([
        0,
        expect.objectContaining({ examined: 1, is_whole: true, orphans: { count: 0, names: [] } }),
      ]);
    } finally {
      await server.stop();
      for (const name of Object.keys(env)) delete process.env[name];
    }
  });
});
