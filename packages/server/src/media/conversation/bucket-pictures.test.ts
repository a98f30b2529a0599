import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startGcsTestServer } from '../../../test/fakes/gcs-test-server.ts';
import { turnRules } from '../../../test/fakes/turn-rules.ts';
import { type Conversation, toMediaUri, toNextTurnContents } from '../../core/conversation.ts';
import type { KeptAnswer } from '../../core/image-request.ts';
import { systemClock } from '../../platform/clock.ts';
import { createGcsDriver } from '../drivers/gcs.ts';
import { MediaStore } from '../media-store.ts';
import { createReferenceFetcher, type ReferenceFetcher } from '../references/reference-fetcher.ts';
import { ConversationTurns } from './conversation-turns.ts';

const server = await startGcsTestServer();
const root = await mkdtemp(path.join(os.tmpdir(), 'darkroom-bucket-turns-'));
const keyFile = path.join(root, 'key.json');
await writeFile(keyFile, JSON.stringify({ type: 'service_account', ...server.credentials }));
vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', keyFile);
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

let folder: string;
let media: MediaStore;
let fetcher: ReferenceFetcher;
let answer: KeptAnswer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(root, 'test-'));
  const driver = createGcsDriver({ bucket: server.bucket, prefix: 'darkroom', endpoint: server.url });
  media = new MediaStore(driver, { signedUrlSeconds: 600 });
  fetcher = createReferenceFetcher({ allowPrivateHosts: [], clock: systemClock, chance: () => 0 });
});

afterEach(() => fetcher.close());

async function resolve(conversation: Conversation) {
  const store = { findAnswer: async () => answer, findPicture: async () => undefined };
  const publicUrl = () => 'http://darkroom.test:4600';
  return new ConversationTurns({
    store,
    uploads: { findOwner: async () => undefined },
    removals: { isRemoved: async () => false },
    media,
    fetcher,
    publicUrl,
  }).resolve(conversation, {
    organizationId: 'mine',
    isUnsigned: false,
    folder,
    provider: 'google',
    ownProvider: 'google',
    rules: turnRules,
    signal: new AbortController().signal,
  });
}

async function spool(name: string, content: Buffer | string) {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return { path: file, bytes: Buffer.byteLength(content) };
}

const paint = () => sharp({ create: { width: 32, height: 32, channels: 3, background: '#888' } });

describe('pictures in a bucket of Google Cloud Storage', () => {
  it('come back by the gs:// URI of next_turn_contents with their original bytes and their signature', async () => {
    const jpeg = await paint().jpeg().toBuffer();
    const spooled = { file: await spool('picture', jpeg), signature: await spool('signature', 'c2lnbmF0dXJl') };
    const picture = await media.keep(spooled, { format: 'png', pixels: { width: 32, height: 32 } });
    answer = { parts: [{ kind: 'picture', picture }] };
    const outcome: Conversation = [
      { role: 'user', parts: [{ kind: 'text', text: 'a square' }] },
      { role: 'model', parts: [{ kind: 'picture', uri: toMediaUri(picture.name), mimeType: 'image/png' }] },
    ];
    const contents = toNextTurnContents(outcome, {
      toAddress: (name) => media.toAddress(name, 'https://darkroom.example'),
      isResult: (name) => name === picture.name,
    });
    const file = contents[1]?.parts[0]?.fileData;
    expect(file).toEqual({
      mimeType: 'image/png',
      fileUri: `gs://${server.bucket}/darkroom/pictures/${picture.name.slice(0, 2)}/${picture.name}`,
      url: `https://darkroom.example/media/${picture.name}`,
    });

    const resolved = await resolve([
      ...outcome.slice(0, 1),
      { role: 'model', parts: [{ kind: 'picture', uri: String(file?.fileUri) }] },
      { role: 'user', parts: [{ kind: 'text', text: 'make it red' }] },
    ]);
    const part = resolved.kind === 'turns' ? resolved.turns[1]?.parts[0] : undefined;
    const sent = part?.kind === 'picture' && part.signature?.kind === 'file' ? part : undefined;
    expect(sent && (await readFile(sent.file.path)).equals(jpeg)).toBe(true);
    expect(sent?.signature?.kind === 'file' && (await readFile(sent.signature.file.path, 'utf8'))).toBe('c2lnbmF0dXJl');
  });
});

describe('a picture that its caller put into the bucket', () => {
  async function upload(bytes: Buffer | string) {
    const signed = await media.signUpload('image/png', 60);
    const headers = { 'content-type': 'image/png' };
    const body = typeof bytes === 'string' ? bytes : new Uint8Array(bytes);
    expect((await fetch(signed?.url ?? '', { method: 'PUT', body, headers })).status).toBe(200);
    return media.toAddress(signed?.name ?? '', 'https://darkroom.example').url;
  }

  const use = (uri: string) => resolve([{ role: 'user', parts: [{ kind: 'picture', uri }] }]);

  it('is a reference of the type of its bytes', async () => {
    const webp = await paint().webp().toBuffer();
    const resolved = await use(await upload(webp));
    const part = resolved.kind === 'turns' ? resolved.turns[0]?.parts[0] : undefined;
    expect(part).toMatchObject({ kind: 'picture', mimeType: 'image/webp', file: { bytes: webp.length } });
  });

  it.each([
    ['no picture', '<html></html>', 'it is an HTML page'],
    ['empty', '', 'it is empty'],
    [
      'too large',
      Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(7 * 1024 * 1024)]),
      'larger than 7 MB',
    ],
  ])('is refused when it is used and is %s', async (_, bytes, reason) => {
    const resolved = await use(await upload(bytes));
    expect(resolved).toMatchObject({ kind: 'failed', failure: { code: 'reference_unavailable' } });
    expect(JSON.stringify(resolved)).toContain(reason);
  });
});
