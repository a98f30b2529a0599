import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeJson } from './decode-json.ts';
import { BrokenString, SpooledString, type Spooling } from './spooled-string.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decode-json-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('decodeJson', () => {
  it('gives the same value wherever the stream is split in two, and byte by byte', async () => {
    const body = Buffer.from(
      '{ "d\\u0061ta": "\\/+-_\\u002b\\u002F\\/QQw\\u003d=", "note": "é\\"😀\\\\", "text" : "é😀\\ud83d\\ude00\\"\\\\\\n", "deep": [[{"data":"QUI"}], "data"] }',
    );
    const expected = {
      data: Buffer.from('/+-_+//QQw==', 'base64').toString('hex'),
      note: 'é"😀\\',
      text: Buffer.from('é😀😀"\\\n').toString('hex'),
      deep: [[{ data: '4142' }], 'data'],
    };
    for (let at = 0; at < body.length; at += 1) {
      expect(await decodeToHex(body.subarray(0, at), body.subarray(at))).toEqual(expected);
    }
    expect(await decodeToHex(...Array.from(body, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('decodes strings of many slabs: base64 with escapes in every position, and text', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_001 }, (_, index) => (index * 7919) % 256));
    const base64 = JSON.stringify(bytes.toString('base64')).replaceAll('/', '\\/').replaceAll('A', '\\u0041');
    const text = 'é"😀'.repeat(50_000);
    const value = await decodeToHex(Buffer.from(`{"data":${base64},"text":${JSON.stringify(text)}}`));
    expect(value).toEqual({ data: bytes.toString('hex'), text: Buffer.from(text).toString('hex') });
  });

  it('keeps values that are not strings, and strings in arrays or under other keys, in memory', async () => {
    const value = {
      data: null,
      text: ['a'],
      other: 'QUI=',
      nested: { data: 7, text: { data: false } },
      list: [{ data: [] }],
    };
    expect(await decode(JSON.stringify(value))).toEqual(value);
    expect(await readdir(folder)).toEqual([]);
  });

  it('uses the last of two equal keys and leaves no file of the other', async () => {
    const value = await decodeToHex(Buffer.from('{"data":"QUI=","data":"QUM=","__proto__":{"data":"QUQ="}}'));
    expect(value).toHaveProperty('data', '4143');
    expect(Object.keys(Object(value))).toEqual(['data', '__proto__']);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('drops a byte order mark before the value', async () => {
    expect(await decode('\ufeff{"other":"a"}')).toEqual({ other: 'a' });
  });

  it.each([
    ['\\ud83d!', '\ufffd!'],
    ['\\ud83d', '\ufffd'],
    ['\\ud83d\\ud83d\\ude00', '\ufffd😀'],
    ['\\ude00\\n', '\ufffd\n'],
  ])('writes U+FFFD for half a surrogate pair in a text: %s', async (spelled, text) => {
    expect(await decodeToHex(Buffer.from(`{"text":"${spelled}"}`))).toEqual({
      text: Buffer.from(text).toString('hex'),
    });
  });

  it('keeps the spelling of a spelled string, wherever the stream is split', async () => {
    const spelled = '\\"\\\\\\/\\n\\ud83d\\u0000é😀\\ude00';
    const body = Buffer.from(`{"spelled":"${spelled}"}`);
    for (let at = 0; at < body.length; at += 1) {
      const value = await decodeToHex(body.subarray(0, at), body.subarray(at));
      expect(value).toEqual({ spelled: Buffer.from(spelled).toString('hex') });
    }
  });

  it.each([32 * 1024, 100_000])('keeps %i bytes of words in memory only if they are short', async (length) => {
    const words = `"\\é${'w'.repeat(length - 6)}`;
    const body = Buffer.from(JSON.stringify({ words, other: 'a' }));
    const isLong = length > 32 * 1024;
    for (const chunk of [body.length, 1_000, 7]) {
      const chunks = Array.from({ length: Math.ceil(body.length / chunk) }, (_, index) =>
        body.subarray(index * chunk, (index + 1) * chunk),
      );
      const value = await decodeJson(toSource(chunks), options({ maxJsonBytes: 100_000 }));
      expect(value).toEqual({ words: isLong ? expect.any(SpooledString) : words, other: 'a' });
      if (isLong) expect(await withHex(value)).toMatchObject({ words: Buffer.from(words).toString('hex') });
    }
  });

  it.each([
    ['lines', '\\r\\nQUJD\\r\\nREVG\\nRw==\\n', undefined],
    ['bare line breaks', '\nQUJD\nREVG\nRw==', undefined],
    ['spaces and no padding', ' QUJD REVG Rw', undefined],
    ['a data URI', 'data:image/webp;base64,QUJDREVGRw==', 'image/webp'],
    ['a data URI with parameters, in lines', 'DATA:image/png;name=\\"a\\";BASE64,\\nQUJD\\nREVGRw', 'image/png'],
    ['a data URI without a type', 'data:;base64,QUJDREVGRw==', undefined],
  ])('reads a picture from %s, wherever the stream is split', async (_what, data, mimeType) => {
    const body = Buffer.from(`{"picture":"${data}"}`);
    for (let at = 0; at < body.length; at += 1) {
      const value = await decodeChunks(body.subarray(0, at), body.subarray(at));
      expect(value).toMatchObject({ picture: { encoding: 'base64', mimeType } });
      expect(await withHex(value)).toEqual({ picture: Buffer.from('ABCDEFG').toString('hex') });
    }
  });

  it.each([
    'Hello, world!',
    'data:image/png,abc',
    'data:',
    'dat*',
    `data:${'x'.repeat(300)}`,
    'QUI=QUI=',
    'QUI'.repeat(99_999),
    '*'.repeat(99_999),
  ])('skips a picture that is not base64, keeps the rest, and leaves no file: %.20s', async (picture) => {
    const value = await decode(JSON.stringify({ picture: `${picture}*\n\ud83d`, data: 'QUI=' }));
    expect(value).toEqual({ picture: expect.any(BrokenString), data: expect.any(SpooledString) });
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('makes at most 4,096 files of one body', async () => {
    const many = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({ data: '' })));
    await expect(decode(many(4_097), { maxJsonBytes: 1_000_000 })).rejects.toMatchObject({ kind: 'too-large' });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['truncated', 'an empty body', ''],
    ['truncated', 'white space', ' \n'],
    ['truncated', 'an open array', '{"data":"QUI=","more":['],
    ['truncated', 'an open spooled string', '{"data":"QUI='],
    ['truncated', 'an open string', '{"other":"QUI='],
    ['syntax', 'another language', '<html>'],
    ['syntax', 'too many brackets', '{"data":"QUI="}}'],
    ['syntax', 'a missing colon', '{"data" "QUI="}'],
    ['syntax', 'an unknown escape', '{"text":"a\\x"}'],
    ['syntax', 'a bare control character in a spooled string', '{"text":"a\nb"}'],
    ['syntax', 'endless nesting', '['.repeat(513) + ']'.repeat(513)],
    ['bad-base64', 'a foreign character', '{"text":"QUI=","data":"QU*="}'],
    ['bad-base64', 'padding before the end', '{"data":"QUI=QUI="}'],
    ['bad-base64', 'a group of one', '{"data":"QUIDQ"}'],
    ['bad-base64', 'too little padding', '{"data":"QU="}'],
  ])('rejects as %s %s, and leaves no file', async (kind, _what, body) => {
    await expect(decode(body)).rejects.toMatchObject({
      name: 'JsonDecodeError',
      kind,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['{"text":"a\xff"}', '{"other":"a\xff"}'])('refuses bytes that are not UTF-8: %j', async (body) => {
    await expect(decodeChunks(Buffer.from(body, 'latin1'))).rejects.toMatchObject({ kind: 'syntax' });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [{ maxBytes: 30 }, 'body'],
    [{ maxFileBytes: 8 }, 'string'],
    [{ maxJsonBytes: 40 }, 'JSON'],
  ])('stops at the limit %j', async (limit, word) => {
    const body = '{"data":"QUJDREVGR0hJ","other":"0123456789"}';
    await expect(decode(body, limit)).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining(word),
    });
    expect(await readdir(folder)).toEqual([]);
    await expect(decode(body)).resolves.toBeDefined();
  });

  it('passes on the error of the source unchanged, and leaves no file', async () => {
    const failure = new Error('the socket broke');
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"data":"QUI=","text":"half of');
      throw failure;
    }
    await expect(decodeJson(breaking(), options())).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual([]);
  });

  it('reads no more bytes once it has failed', async () => {
    let isReleased = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        while (true) yield Buffer.from('{"data":"****');
      } finally {
        isReleased = true;
      }
    }
    await expect(decodeJson(endless(), options())).rejects.toMatchObject({ kind: 'bad-base64' });
    expect(isReleased).toBe(true);
  });

  it('fails with the error of the file system when the folder is missing', async () => {
    await expect(decode('{"data":"QUI="}', { folder: join(folder, 'missing') })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

const spoolings: ReadonlyMap<string, Spooling> = new Map([
  ['data', 'base64'],
  ['text', 'text'],
  ['spelled', 'spelled'],
  ['picture', 'picture'],
  ['words', 'words'],
]);

function options(changes: Partial<DecodeOptions> = {}): DecodeOptions {
  return {
    folder,
    spool: (key) => spoolings.get(key),
    maxBytes: 10_000_000,
    maxFileBytes: 1_000_000,
    maxJsonBytes: 10_000,
    ...changes,
  };
}

function decode(body: string, changes: Partial<DecodeOptions> = {}): Promise<unknown> {
  return decodeJson(toSource([Buffer.from(body)]), options(changes));
}

function decodeChunks(...chunks: readonly Uint8Array[]): Promise<unknown> {
  return decodeJson(toSource(chunks), options());
}

async function decodeToHex(...chunks: readonly Uint8Array[]): Promise<unknown> {
  return withHex(await decodeChunks(...chunks));
}

async function* toSource(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** The value, with the bytes of every file in hexadecimal. */
async function withHex(value: unknown): Promise<unknown> {
  if (value instanceof SpooledString) return readFile(value.file.path, 'hex');
  if (Array.isArray(value)) return Promise.all(value.map(withHex));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await withHex(item)])),
  );
}
