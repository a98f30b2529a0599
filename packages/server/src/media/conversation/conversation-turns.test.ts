import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { turnRules } from '../../../test/fakes/turn-rules.ts';
import { type Conversation, toMediaUri } from '../../core/conversation.ts';
import type { KeptAnswer } from '../../core/image-request.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Turn } from '../../providers/image-model.ts';
import type { RequestStore } from '../../store/request-store.ts';
import { createDiskDriver } from '../drivers/disk.ts';
import { MediaStore } from '../media-store.ts';
import { toPictureKey } from '../picture-name.ts';
import { createReferenceFetcher, type ReferenceFetcher } from '../references/reference-fetcher.ts';
import { ConversationTurns } from './conversation-turns.ts';

let folder: string;
let media: MediaStore;
let fetcher: ReferenceFetcher;
let jpeg: Buffer;
let picture: StoredPicture;
let answer: KeptAnswer;
let signatureKey: string;

/** One answer, belonging to the organization `mine`. */
const store: Pick<RequestStore, 'findAnswer' | 'findPicture'> = {
  findPicture: async (name) => (name === picture.name ? picture : undefined),
  findAnswer: async (organizationId, name) => (organizationId === 'mine' && name === picture.name ? answer : undefined),
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-turns-'));
  media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  fetcher = createReferenceFetcher({ allowPrivateHosts: [], clock: systemClock, chance: () => 0 });
  jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
  const file = await spool('picture', jpeg);
  const signature = await spool('signature', 'c2lnbmF0dXJl');
  picture = await media.keep({ file, signature }, { format: 'png', pixels: { width: 32, height: 32 } });
  signatureKey = await media.keepSignature(await spool('text-signature', 'dGV4dA=='));
  answer = {
    provider: 'google',
    parts: [
      { kind: 'text', text: 'Here it is.', signatureKey },
      { kind: 'picture', picture },
      { kind: 'text', text: 'Anything else?' },
    ],
  };
});

afterEach(async () => {
  await fetcher.close();
  await rm(folder, { recursive: true });
});

/** The names of pictures that were deleted. */
const removed = new Set<string>();
const removals = { isRemoved: async (name: string) => removed.has(name) };

/** The one upload that was granted but has not arrived. */
const granted = `${'b'.repeat(32)}.png`;
const uploads = {
  findOwner: async (name: string) => (name === granted ? { organizationId: 'mine', apiKeyId: 'key' } : undefined),
};

async function spool(name: string, content: Buffer | string) {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return { path: file, bytes: Buffer.byteLength(content) };
}

async function resolve(
  conversation: Conversation,
  options: { organizationId?: string; isUnsigned?: boolean; maxBytes?: number; provider?: string } = {},
) {
  const { organizationId = 'mine', isUnsigned = false, maxBytes = 1_000_000, provider = 'google' } = options;
  const target = await mkdtemp(path.join(folder, 'attempt-'));
  await mkdir(target, { recursive: true });
  const publicUrl = () => 'http://darkroom.test:4600';
  const turns = new ConversationTurns({ store, uploads, removals, media, fetcher, publicUrl });
  const resolved = await turns.resolve(conversation, {
    organizationId,
    isUnsigned,
    folder: target,
    provider,
    ownProvider: 'google',
    rules: { ...turnRules, maxBytes },
    signal: new AbortController().signal,
  });
  if (resolved.kind === 'failed') throw Object.assign(new Error(resolved.failure.message), resolved.failure);
  return resolved;
}

/** What is sent, with the content of the files. */
async function read(turns: readonly Turn[]) {
  const parts = turns.flatMap((turn) =>
    turn.parts.flatMap((part) => (part.kind === 'remote' ? [] : { role: turn.role, part })),
  );
  return Promise.all(
    parts.map(async ({ role, part }) => ({
      role,
      content:
        part.kind === 'text' ? part.text : (await readFile(part.file.path)).equals(jpeg) ? 'original' : part.mimeType,
      signature:
        part.signature?.kind === 'file' ? await readFile(part.signature.file.path, 'utf8') : part.signature?.value,
    })),
  );
}

const ask = { role: 'user', parts: [{ kind: 'text', text: 'make it red' }] } as const;
const answered = (): Conversation => [
  { role: 'user', parts: [{ kind: 'text', text: 'a square' }] },
  {
    role: 'model',
    parts: [
      { kind: 'text', text: 'Here it is.' },
      { kind: 'picture', uri: `https://any.example/media/${picture.name}` },
      { kind: 'text', text: 'Anything else?' },
    ],
  },
  ask,
];
const standIn = 'stand-in';

describe('the turns of a conversation', () => {
  it('get back the original bytes and the signatures of the answer, part by part', async () => {
    const { turns } = await resolve(answered());
    expect(await read(turns)).toEqual([
      { role: 'user', content: 'a square', signature: undefined },
      { role: 'model', content: 'Here it is.', signature: 'dGV4dA==' },
      { role: 'model', content: 'original', signature: 'c2lnbmF0dXJl' },
      { role: 'model', content: 'Anything else?', signature: undefined },
      { role: 'user', content: 'make it red', signature: undefined },
    ]);
  });

  it('give no signature to another provider than the one whose model gave it, nor those that a caller sent', async () => {
    const { turns } = await resolve(answered(), { provider: 'other' });
    expect((await read(turns)).filter(({ role }) => role === 'model')).toEqual([
      { role: 'model', content: 'Here it is.', signature: standIn },
      { role: 'model', content: 'original', signature: standIn },
      { role: 'model', content: 'Anything else?', signature: undefined },
    ]);
    const sent: Conversation = [ask, { role: 'model', parts: [{ kind: 'text', text: 'Mine.', signatureKey }] }, ask];
    expect((await read((await resolve(sent)).turns))[1]?.signature).toBe('dGV4dA==');
    expect((await read((await resolve(sent, { provider: 'other' })).turns))[1]?.signature).toBe(standIn);
  });

  it('promise 6: give no original and no signature to another organization, for which the URL is just a URL', async () => {
    const { turns } = await resolve(answered(), { organizationId: 'theirs' });
    expect((await read(turns)).filter(({ role }) => role === 'model')).toEqual([
      { role: 'model', content: 'Here it is.', signature: standIn },
      { role: 'model', content: 'image/png', signature: standIn },
      { role: 'model', content: 'Anything else?', signature: undefined },
    ]);
  });

  it('carry the replacement signature where the client has changed the text', async () => {
    const [first, model, last] = answered();
    const changed = {
      role: 'model',
      parts: [{ kind: 'text', text: 'Mine.' }, ...(model?.parts.slice(1) ?? [])],
    } as const;
    const { turns } = await resolve([first ?? ask, changed, last ?? ask]);
    expect((await read(turns))[1]).toEqual({ role: 'model', content: 'Mine.', signature: standIn });
  });

  it('offer the last picture as a reference of the user after signatures were refused', async () => {
    const { turns } = await resolve(answered(), { isUnsigned: true });
    expect(await read(turns)).toEqual([
      { role: 'user', content: 'make it red', signature: undefined },
      { role: 'user', content: 'image/png', signature: undefined },
    ]);
  });

  it('leave out the oldest exchanges that do not fit, and never the last one', async () => {
    const exchanges = Array.from({ length: 5 }, () => answered().slice(0, 2)).flat();
    const one = Math.ceil(jpeg.length / 3) * 4 + 60;
    const { turns, leftOutTurns } = await resolve([...exchanges, ask], { maxBytes: 3 * one });
    expect(leftOutTurns).toEqual([0, 1, 2, 3]);
    expect(turns.map(({ role }) => role)).toEqual(['user', 'model', 'user', 'model', 'user', 'model', 'user']);
    const tight = await resolve([...exchanges, ask], { maxBytes: 1 });
    expect(tight.leftOutTurns).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(tight.turns).toHaveLength(3);
  });

  it("make the user's largest pictures smaller until the new turn fits, and never the model's", async () => {
    const large = await sharp(randomBytes(3_600 * 3_600 * 3), { raw: { width: 3_600, height: 3_600, channels: 3 } })
      .jpeg()
      .toBuffer();
    const name = await media.keepAsIs(await spool('large', large), 'image/jpeg');
    const asked: Conversation = [
      ...answered().slice(0, 2),
      {
        role: 'user',
        parts: [
          { kind: 'text', text: 'like this' },
          ...[1, 2, 3].map(() => ({ kind: 'picture', uri: toMediaUri(name) }) as const),
        ],
      },
    ];
    const { turns, reducedPictures } = await resolve(asked, { maxBytes: large.length * 3 });
    expect(reducedPictures).toBeGreaterThan(0);
    expect(reducedPictures).toBeLessThan(3);
    const sizes = (turns[2]?.parts ?? []).flatMap((part) => (part.kind === 'picture' ? part.file.bytes : []));
    expect(sizes.filter((bytes) => bytes < large.length)).toHaveLength(reducedPictures ?? 0);
    expect((await read(turns))[2]).toMatchObject({ role: 'model', content: 'original' });
    expect((await resolve(asked, { maxBytes: large.length * 5 })).reducedPictures).toBeUndefined();
  });

  it('fail by name when a stored picture is gone', async () => {
    const gone: Conversation = [
      { role: 'user', parts: [{ kind: 'picture', uri: toMediaUri(`${'b'.repeat(32)}.png`) }] },
    ];
    await expect(resolve(gone)).rejects.toThrow(
      'Picture 1 of turn 1 (sent inline) could not be used: it was deleted or has expired.',
    );
  });
});

describe('a reference to an address of this service', () => {
  const refer = (uri: string) => resolve([{ role: 'user', parts: [ask.parts[0], { kind: 'picture', uri }] }]);

  it('is recognized in every spelling', async () => {
    const spellings = ['?v=1', '#part', '?v=1#part'].map(
      (end) => `http://darkroom.test:4600/media/${picture.name}${end}`,
    );
    for (const uri of [...spellings, ` HTTP://Darkroom.TEST:4600/media/${picture.name}`]) {
      expect(await read((await refer(uri)).turns)).toMatchObject([{}, { content: 'image/png' }]);
    }
  });

  it.each([
    `http://darkroom.test:4600/media/${granted}`,
    `http://darkroom.test:4600/media/${granted}?v=1`,
    `http://localhost:4600/media/${granted}`,
  ])('whose upload has not come yet is looked for again: %s', async (uri) => {
    await expect(refer(uri)).rejects.toMatchObject({
      code: 'reference_not_uploaded',
      message: expect.stringMatching(/: nothing is stored under this address\.$/),
    });
    const file = await spool('upload', jpeg);
    await media.keepAsIs(file, 'image/png', granted);
    expect(await read((await refer(uri)).turns)).toMatchObject([{}, { content: 'original' }]);
  });

  it.each(['/cat.png', `/media/${'d'.repeat(32)}.png`])(
    'that belongs to no upload is refused permanently with the same message: %s',
    async (path) => {
      await expect(refer(`http://darkroom.test:4600${path}`)).rejects.toMatchObject({
        code: 'reference_unavailable',
        message: `Picture 1 of turn 1 (http://darkroom.test:4600${path}) could not be used: nothing is stored under this address.`,
      });
    },
  );

  it('is recognized by its bytes, whatever its name says', async () => {
    const type = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    const name = `${'c'.repeat(32)}.heif`;
    await media.keepAsIs(await spool('upload', type), 'image/heif', name);
    expect(await read((await refer(`http://darkroom.test:4600/media/${name}`)).turns)).toMatchObject([
      {},
      { content: 'image/heic' },
    ]);
  });
});

describe('a stored picture that the storage has lost', () => {
  it.each(['missing', 'cut off'])('fails an edit by name, as the operator’s fault: %s', async (kind) => {
    const keys = [toPictureKey(picture.name), picture.originalKey ?? ''];
    for (const key of keys) {
      const file = path.join(folder, 'media', key);
      if (kind === 'missing') await rm(file);
      else await writeFile(file, (await readFile(file)).subarray(0, 60));
    }
    const asReference: Conversation = [
      { role: 'user', parts: [ask.parts[0], { kind: 'picture', uri: toMediaUri(picture.name) }] },
    ];
    for (const conversation of [answered(), asReference])
      await expect(resolve(conversation)).rejects.toMatchObject({ code: 'media_lost' });
  });
});

describe('a stored picture that was deleted', () => {
  it('fails an edit by name, as the caller’s fault, by whatever address', async () => {
    const name = `${'d'.repeat(32)}.png`;
    removed.add(name);
    for (const uri of [
      `http://darkroom.test:4600/media/${name}`,
      `https://any.example/media/${name}`,
      toMediaUri(name),
    ])
      await expect(resolve([{ role: 'user', parts: [ask.parts[0], { kind: 'picture', uri }] }])).rejects.toMatchObject({
        code: 'media_deleted',
        message: expect.stringContaining('it was deleted'),
      });
  });
});

describe('a failure of a reference', () => {
  it.each([
    'https://user:hush@pictures.test/a.png',
    'https://user:hu@sh@[::1]/a.png',
    'https:user:hush@pictures.test/',
  ])('does not repeat the password in its URL: %s', async (uri) => {
    const error = await resolve([{ role: 'user', parts: [ask.parts[0], { kind: 'picture', uri }] }]).catch(String);
    expect(error).toContain('it contains a user name or a password');
    expect(error).not.toMatch(/hu@?sh|user:/);
  });
});
