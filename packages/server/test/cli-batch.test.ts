import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningCommand, runDarkroom } from './darkroom-process.ts';
import { drawPlain } from './draw-plain.ts';
import { darkroom } from './run-here.ts';
import { startServer, type TestServer } from './start-server.ts';

/** The commands for making many pictures and for watching. */

let server: TestServer;
let root: string;
let folder: string;
beforeAll(async () => {
  server = await startServer({}, { illustrate: drawPlain });
  root = await mkdtemp(path.join(os.tmpdir(), 'darkroom-batch-'));
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(root, 'test-'));
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});

const onServer = () => ['--data-dir', server.dataDir, '--server', server.url];

/** The arguments of a batch with these lines, whose pictures go to the folder `out`. */
async function batch(lines: readonly unknown[], ...more: readonly string[]): Promise<readonly string[]> {
  const file = path.join(folder, 'batch-file.jsonl');
  await writeFile(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  return ['batch', file, '--output', path.join(folder, 'out'), ...more, ...onServer()];
}

async function listPictures(): Promise<readonly string[]> {
  return (await readdir(path.join(folder, 'out'))).filter((name) => name !== 'batch.jsonl');
}

/** Resolves when the command has printed this many whole lines. */
async function printing(command: RunningCommand, lines: number): Promise<void> {
  while (command.output().split('\n').length <= lines) {
    const isOver = await Promise.race([
      command.ended.then(() => true),
      command.process.stdout ? once(command.process.stdout, 'data').then(() => false) : true,
    ]);
    if (isOver && command.output().split('\n').length <= lines) throw new Error(`It has ended: ${command.errors()}`);
  }
}

describe('darkroom batch', () => {
  it('makes the pictures of every line, and says how each line has ended', async () => {
    const reference = path.join(folder, 'reference.png');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } }).toFile(reference);
    const mask = path.join(folder, 'mask.png');
    await sharp({ create: { width: 64, height: 64, channels: 4, background: '#0000' } }).toFile(mask);
    const lines = [
      'a kite',
      { prompt: 'a boat', number_of_images: 2, image_output_format: 'jpeg' },
      { prompt: 'the same in red', image: [reference] },
      { prompt: 'a kite [[sandbox block=PROHIBITED_CONTENT]]' },
      { prompt: 'a kite', image_size: '9K' },
      { prompt: 'a window in it', image: [reference], mask },
    ];
    const { code, output, errors } = await darkroom(await batch(lines, '--json'));
    expect(code).toBe(1);
    const results = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; request_id: string; files?: string[] });
    expect(results.sort((one, other) => one.line - other.line)).toMatchObject([
      { line: 1, status: 'success', files: [expect.stringMatching(/png$/)] },
      { line: 2, status: 'success', files: [expect.stringMatching(/jpg$/), expect.stringMatching(/jpg$/)] },
      { line: 3, status: 'success' },
      { line: 4, status: 'failed', message: expect.stringContaining('blocked') },
      { line: 5, status: 'failed', code: 'invalid_request', message: expect.stringContaining('image_size') },
      { line: 6, status: 'success' },
    ]);
    const uploaded = expect.stringMatching(/^http.*\/media\/.*png$/);
    const { payload } = await server.client.status(results[5]?.request_id ?? '');
    expect(payload).toMatchObject({ image: [uploaded], mask: uploaded });
    expect(await listPictures()).toHaveLength(5);
    expect(errors).toContain('4 made, 2 failed, 0 left.');
  });

  it('continues after Ctrl-C without making anything twice', async () => {
    const { client } = server;
    const before = (await client.list({ limit: 1 })).total;
    const lines = Array.from({ length: 6 }, (_, index) => `a slow snail ${index % 5} [[sandbox delay=1s]]`);
    const args = await batch(lines, '--concurrency', '2');
    const first = runDarkroom(args);
    await printing(first, 1);
    first.process.kill('SIGINT');
    expect(await first.ended).toBe(130);
    expect(first.errors()).toContain('Interrupted');
    const done = first.output().trim().split('\n').length;
    expect(done).toBeLessThan(6);
    const { code, output, errors } = await darkroom(args);
    expect([code, errors]).toEqual([0, expect.stringContaining(`${done} of 6 were already done.`)]);
    expect(output.trim().split('\n')).toHaveLength(6 - done);
    expect(await listPictures()).toHaveLength(6);
    expect((await client.list({ limit: 1 })).total - before).toBe(6);
  });

  it('never repeats, and never pays again for, a line that was refused for good, unless told to', async () => {
    const { client } = server;
    const count = async () => (await client.list({ limit: 1 })).total;
    const blocked = 'a kite [[sandbox block=PROHIBITED_CONTENT]]';
    const args = await batch([blocked, { prompt: 'a kite', image_size: '9K' }, 'a boat']);
    expect((await darkroom(args)).code).toBe(1);
    const before = await count();
    const again = await darkroom(args);
    expect([again.code, again.output, await count()]).toEqual([1, '', before]);
    expect(again.errors).toMatch(
      /1 of 3 were already done\.\nLine 1 was refused before: .*blocked.*\nLine 2 was refused before: .*image_size[\s\S]*--retry-failed[\s\S]*0 made, 0 failed, 0 left/,
    );
    const told = await darkroom([...args, '--retry-failed', '--concurrency', '1']);
    expect([told.code, told.output]).toEqual([
      1,
      expect.stringMatching(/^1 failed .*blocked.*\n2 failed .*image_size/),
    ]);
    expect(await count()).toBe(before + 1);
  });

  it('repeats a line whose failure may pass, and survives a damaged state file', async () => {
    const args = await batch(['a slow kite [[sandbox delay=4s]]']);
    const first = runDarkroom(args);
    const { client } = server;
    const find = async () => (await client.list({ text: 'a slow kite', limit: 1 })).requests[0]?.request_id;
    let id = await find();
    while (id === undefined) id = await find();
    await client.cancel(id);
    expect(await first.ended).toBe(1);
    const state = path.join(folder, 'out', 'batch.jsonl');
    await writeFile(state, `${await readFile(state, 'utf8')}{"key":"`);
    const again = await darkroom(args);
    expect([again.code, again.output]).toEqual([0, expect.stringMatching(/^1 success .*png/)]);
  });

  it('says which file is missing: the list itself, or one that a line names', async () => {
    const missing = path.join(folder, 'no-such-file');
    const list = await darkroom(['batch', missing, '--output', path.join(folder, 'out'), ...onServer()]);
    expect([list.code, list.errors]).toEqual([1, expect.stringContaining(`There is no file or folder ${missing}.`)]);
    const line = await darkroom(await batch([{ prompt: 'a kite', image: [missing] }]));
    expect([line.code, line.errors]).toEqual([1, expect.stringContaining(`There is no file ${missing}.`)]);
  });

  it('names the wrong lines before it makes anything', async () => {
    const { code, errors } = await darkroom(await batch(['a kite', 7, { prompt: 'a boat' }, ['a list']]));
    expect([code, errors]).toEqual([1, expect.stringContaining('Lines 2, 4:')]);
  });
});

describe('darkroom watch', () => {
  it('shows what happens to requests until Ctrl-C', async () => {
    const { client } = server;
    const { request_id } = await client.generate('a lighthouse');
    const watching = runDarkroom(['watch', '--after', '0', ...onServer()]);
    while (!new RegExp(`${request_id}  success +1 picture`).test(watching.output())) {
      const seen = watching.output().split('\n').length;
      await printing(watching, seen);
    }
    watching.process.kill('SIGINT');
    expect([await watching.ended, watching.output()]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`${request_id}  queued\n[\\s\\S]*${request_id}  processing  attempt 1 at sandbox`),
      ),
    ]);
  });
});

describe('darkroom open', () => {
  it('prints the addresses of the pictures, or of the console', async () => {
    const { client } = server;
    const { request_id, outcome } = await client.generate('a lighthouse');
    const { output } = await darkroom(['open', request_id, '--print', ...onServer()]);
    expect(output).toBe(`${outcome.media_urls[0]?.url}\n`);
    expect((await darkroom(['open', '--print', ...onServer()])).output).toBe(`${server.url}\n`);
    const alone = await darkroom(['open', '--print', '--data-dir', path.join(folder, 'own'), '--port', '1']);
    expect(alone).toMatchObject({ code: 1, output: '', errors: expect.stringContaining('npx darkroom serve') });
    expect(await darkroom(['open', 'no-such-request', '--print', ...onServer()])).toMatchObject({ code: 1 });
  });
});
