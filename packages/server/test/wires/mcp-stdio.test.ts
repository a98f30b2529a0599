import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { darkroom } from '../darkroom-process.ts';
import { drawPlain } from '../draw-plain.ts';
import { findProgram } from '../shared/programs.ts';
import { startServer, type TestServer } from '../start-server.ts';

const bin = await findProgram('darkroom');
let server: TestServer;
let folder: string;
let client: Client;

beforeAll(async () => {
  server = await startServer({}, { illustrate: drawPlain });
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-mcp-'));
  client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, DARKROOM_API_KEY: server.key };
  const args = [bin, 'mcp', '--server', server.url];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, cwd: folder }));
});

afterAll(async () => {
  await client.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const savedSchema = z.object({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  structuredContent: z
    .object({ request_id: z.string(), status: z.string(), files: z.array(z.string()).optional() })
    .optional(),
});

async function call(name: string, given: Record<string, unknown>, options = {}) {
  return savedSchema.parse(await client.callTool({ name, arguments: given }, options));
}

it('takes files of this computer, and saves what was made', async () => {
  const { tools } = await client.listTools();
  const edit = tools.find(({ name }) => name === 'edit_image');
  expect(edit?.inputSchema.properties).toMatchObject({ path: { type: 'string' }, save_to: { type: 'string' } });
  await writeFile(
    path.join(folder, 'cat.png'),
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#00f' } })
      .png()
      .toBuffer(),
  );
  const heard: unknown[] = [];
  const given = {
    prompt: 'a hat [[sandbox size=64x64]]',
    path: 'cat.png',
    references: [{ path: '~/cat.png' }],
    save_to: 'made',
  };
  const { content, structuredContent } = await call('edit_image', given, {
    onprogress: (one: unknown) => heard.push(one),
  });
  expect(content.map(({ type }) => type)).toEqual(['text', 'resource_link', 'image', 'text']);
  expect(await readdir(path.join(folder, 'made'))).toEqual([`${structuredContent?.request_id}-0.png`]);
  expect(structuredContent?.files).toEqual([path.join(folder, 'made', `${structuredContent?.request_id}-0.png`)]);
  expect(heard).not.toEqual([]);
  const { payload } = await server.client.status(structuredContent?.request_id ?? '');
  const { image } = z.object({ image: z.array(z.string()) }).parse(payload);
  // The same bytes are uploaded once.
  expect(image).toEqual([image[0], image[0]]);
});

it('says what is wrong with a file', async () => {
  const missing = await client.callTool({ name: 'edit_image', arguments: { prompt: 'x', path: 'none.png' } });
  expect(missing).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^There is no file .*none\.png/) }],
  });
  await writeFile(path.join(folder, 'text.txt'), 'no picture');
  const text = await client.callTool({ name: 'edit_image', arguments: { prompt: 'x', path: 'text.txt' } });
  expect(text).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('not a PNG') }] });
});

it('ends at once with a sentence, and prints nothing on standard output, when the key is wrong', async () => {
  const { code, output, errors } = await darkroom(['mcp', '--server', server.url], { DARKROOM_API_KEY: 'a-wrong-key' });
  expect([code, output]).toEqual([1, '']);
  expect(errors).toMatch(/does not accept this API key/);
});
