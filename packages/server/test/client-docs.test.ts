import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';

/** Every program of the SDK's page, run as it stands there. */

const root = path.resolve(import.meta.dirname, '../../..');
const text = await readFile(path.join(root, 'docs/sdk.md'), 'utf8');
const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language = '', code = '']) => ({
  language,
  code,
}));

/** What each program prints, in the order of the page. */
const printed = [
  /^http\S+\/media\/\S+\.png$/,
  /^http\S+\/media\/\S+\.png$/,
  /^image\/png$/,
  /^success 0\.\d+\n([\w-]+ success\n?)+$/,
  /^queued\n[\s\S]*processing\nsuccess\n\{[\s\S]*media_urls/,
  /^invalid_request \[\s+\{\s+path: 'payload.prompt',\s+message: 'is empty/,
  /^401\nrequest-1\n204$/,
  /^image\/jpeg \[\s+\{\s+requestId: /,
];

const secret = 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0';
let darkroom: TestServer;
let folder: string;
beforeAll(async () => {
  darkroom = await startServer();
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-docs-'));
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  const portrait = sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } });
  await portrait.png().toFile(path.join(folder, 'portrait.png'));
});
afterAll(async () => {
  await darkroom.stop();
  await rm(folder, { recursive: true });
});

/** A server would call the handler; this does so with a message that is not signed and one that is. */
function callHandler(): string {
  const body = JSON.stringify({ type: 'request.success', timestamp: '', data: { request_id: 'request-1' } });
  const now = new Date();
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', now, body),
  };
  const call = (init: object) =>
    `console.log((await POST(new Request('http://a', ${JSON.stringify(init)}))).status);\n`;
  return call({ method: 'POST', body }) + call({ method: 'POST', body, headers });
}

describe('docs/sdk.md', () => {
  it('has no block that is not run here', () => {
    expect(blocks.map(({ language }) => language)).toEqual(printed.map(() => 'ts'));
  });

  it.each(blocks.map((block, index) => ({ ...block, index, pattern: printed[index] ?? /^$/ })))(
    'says in block $index what works',
    async ({ code, index, pattern }) => {
      const file = path.join(folder, `block-${index}.ts`);
      await writeFile(file, code.includes('export async function POST') ? `${code}\n${callHandler()}` : code);
      const { stdout } = await promisify(execFile)(process.execPath, [file], {
        cwd: folder,
        env: { DARKROOM_URL: darkroom.url, DARKROOM_API_KEY: darkroom.key, DARKROOM_WEBHOOK_SECRET: secret },
      });
      expect(stdout.trim()).toMatch(pattern);
    },
  );
});
