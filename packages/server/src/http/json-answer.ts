import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Problem } from '../core/problem.ts';
import type { MediaStore } from '../media/media-store.ts';
import { createSecret } from '../platform/ids.ts';

/** An answer in JSON, before it is text. `body` may contain `StoredBase64` at any place. */
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

export type Pictures = Pick<MediaStore, 'find' | 'open'>;

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

/** The JSON of a value that may contain `StoredBase64`. Rejects with a `Problem` when one of the pictures is lost. */
export async function toJson(value: unknown, media: Pictures): Promise<JsonText> {
  // Nobody else can write it.
  const token = createSecret();
  const pictures: StoredBase64[] = [];
  const skeleton = JSON.stringify(value, (_key, item: unknown) =>
    item instanceof StoredBase64 ? `${item.prefix}${token}${pictures.push(item)}.` : item,
  );
  const texts = skeleton.split(new RegExp(`${token}\\d+\\.`)).map((text) => Buffer.from(text));
  let bytes = texts.reduce((sum, text) => sum + text.length, 0);
  for (const { name } of pictures) bytes += Math.ceil((await measure(name, media)) / 3) * 4;
  return { bytes, chunks: () => join(texts, pictures, media) };
}

async function measure(name: string, media: Pictures): Promise<number> {
  const found = await media.find(name);
  if (!found) throw createLost(name);
  return found.bytes;
}

function createLost(name: string): Problem {
  return new Problem('media_lost', `The picture ${name} is lost: its bytes are no longer in the storage.`);
}

async function* join(
  texts: readonly Buffer[],
  pictures: readonly StoredBase64[],
  media: Pictures,
): AsyncGenerator<Buffer> {
  for (const [index, text] of texts.entries()) {
    yield text;
    const picture = pictures[index];
    if (picture) yield* encode(picture.name, media);
  }
}

/** The base64 of a stored picture, in pieces that end at whole groups of three bytes. */
async function* encode(name: string, media: Pictures): AsyncGenerator<Buffer> {
  const found = await media.open(name);
  if (!found) throw createLost(name);
  let rest: Buffer = Buffer.alloc(0);
  // The stream is destroyed when the client goes away, since the loop then ends early.
  for await (const chunk of found.stream as AsyncIterable<Buffer>) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = all.length - (all.length % 3);
    rest = all.subarray(whole);
    if (whole > 0) yield Buffer.from(all.toString('base64', 0, whole), 'latin1');
  }
  if (rest.length > 0) yield Buffer.from(rest.toString('base64'), 'latin1');
}
