import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Problem } from '../core/problem.ts';
import type { MediaStore } from '../media/media-store.ts';
import { createSecret } from '../platform/ids.ts';

/** An answer in JSON, before it is text. `body` may contain `StoredBase64` and `PrivateObject` at any place. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * A string of a JSON answer: the base64 of a stored picture. It is encoded while the answer is sent, so an answer takes the same
 * memory however large its pictures are.
 */
export class StoredBase64 {
  readonly name: string;
  /** What comes before the base64, e.g. `data:image/png;base64,`. */
  readonly prefix: string;

  constructor(name: string, prefix = '') {
    this.name = name;
    this.prefix = prefix;
  }
}

/**
 * A string of a JSON answer: the bytes that the upstream made, or their signature, which no URL leads to. A signature is stored as it
 * is spelled in JSON, so it is sent byte for byte; when it is missing, its string is empty.
 */
export class PrivateObject {
  readonly key: string;
  readonly kind: 'original' | 'signature';

  constructor(key: string, kind: PrivateObject['kind']) {
    this.key = key;
    this.kind = kind;
  }
}

export type Pictures = Pick<MediaStore, 'find' | 'open' | 'measure' | 'openObject'>;

/** JSON whose length is known before its pictures are read. */
export interface JsonText {
  readonly bytes: number;
  /** Reads the pictures. Rejects when one of them has disappeared. */
  readonly chunks: () => AsyncGenerator<Buffer>;
}

/** Sends the answer. Rejects with a `Problem` when one of its pictures is lost; then nothing was sent. */
export async function sendJson(reply: FastifyReply, answer: JsonAnswer, media: Pictures): Promise<FastifyReply> {
  const { status, headers = {}, body } = answer;
  const { bytes, chunks } = await toJson(body, media);
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .header('content-length', bytes)
    .send(Readable.from(chunks(), { objectMode: false }));
}

/** The JSON of a value that may contain stored strings. Rejects with a `Problem` when one of the pictures is lost. */
export async function toJson(value: unknown, media: Pictures): Promise<JsonText> {
  // Nobody else can write it.
  const token = createSecret();
  const strings: StoredString[] = [];
  const skeleton = JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof StoredBase64) return `${item.prefix}${token}${strings.push(toBase64(item, media))}.`;
    if (item instanceof PrivateObject) return `${token}${strings.push(toPrivate(item, media))}.`;
    return item;
  });
  const texts = skeleton.split(new RegExp(`${token}\\d+\\.`)).map((text) => Buffer.from(text));
  let bytes = texts.reduce((sum, text) => sum + text.length, 0);
  for (const string of strings) bytes += await string.measure();
  return { bytes, chunks: () => join(texts, strings) };
}

/** A string whose characters are streamed from the storage. */
interface StoredString {
  /** Its length in characters. Called first. */
  measure(): Promise<number>;
  chunks(): AsyncGenerator<Buffer>;
}

function toBase64({ name }: StoredBase64, media: Pictures): StoredString {
  const orLost = <T>(found: T | undefined): T => found ?? throwLost(`The picture ${name}`);
  return {
    measure: async () => countBase64(orLost(await media.find(name)).bytes),
    async *chunks() {
      yield* encode(orLost(await media.open(name)).stream);
    },
  };
}

function toPrivate({ key, kind }: PrivateObject, media: Pictures): StoredString {
  if (kind === 'original')
    return {
      measure: async () => countBase64((await media.measure(key)) ?? throwLost('A picture as the upstream made it')),
      async *chunks() {
        yield* encode(((await media.openObject(key)) ?? throwLost('A picture as the upstream made it')).stream);
      },
    };
  let bytes = 0;
  return {
    measure: async () => {
      bytes = (await media.measure(key)) ?? 0;
      return bytes;
    },
    async *chunks() {
      if (bytes > 0) yield* ((await media.openObject(key)) ?? throwLost('A picture as the upstream made it')).stream;
    },
  };
}

function throwLost(what: string): never {
  throw new Problem('media_lost', `${what} is lost: its bytes are no longer in the storage.`);
}

async function* join(texts: readonly Buffer[], strings: readonly StoredString[]): AsyncGenerator<Buffer> {
  for (const [index, text] of texts.entries()) {
    yield text;
    const string = strings[index];
    if (string) yield* string.chunks();
  }
}

function countBase64(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** The base64 of a stream, in pieces that end at whole groups of three bytes. */
async function* encode(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  // The stream is destroyed when the client goes away, since the loop then ends early.
  for await (const chunk of stream) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = all.length - (all.length % 3);
    rest = all.subarray(whole);
    if (whole > 0) yield Buffer.from(all.toString('base64', 0, whole), 'latin1');
  }
  if (rest.length > 0) yield Buffer.from(rest.toString('base64'), 'latin1');
}
