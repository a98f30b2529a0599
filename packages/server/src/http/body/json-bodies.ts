import { isAscii, isUtf8 } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../../core/problem.ts';
import { takeTurn } from '../../platform/turns.ts';
import { createTypeProblem } from './body-problems.ts';
import { ByteRoom, type Release } from './byte-room.ts';
import { type ReceivedBody, receiveBody } from './receive-body.ts';

/** What a body contains beyond the value that was parsed from it. */
export interface SentJson {
  readonly text: string;
  /** SHA-256 of the bytes, in hexadecimal; only of calls with an `Idempotency-Key`, or to routes with `hashesBody`. */
  readonly hash: string | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Do its calls need the hash of their body? */
    hashesBody?: boolean;
  }
  interface FastifyRequest {
    /** The text of `body`. */
    sentJson: SentJson | undefined;
    /** Drops the body of a call that continues without it. */
    dropBody(): void;
  }
}

/** A body with more bytes, or more keys and list entries, than these takes turns with others. */
const largeBytes = 256 * 1024;
const largeValues = 1_000;
/** Room for large bodies that are arriving. A slow line holds its part for as long as it takes. */
const receivingBytes = 512 * 1024 * 1024;
/** Room for large bodies that are parsed and still in use: each takes some six times its bytes. */
const parsingBytes = 64 * 1024 * 1024;

/**
 * The bodies of `app` are JSON in UTF-8. Not only their bytes are bounded (`JsonScan`). However many large ones come at a time,
 * they take a bounded amount of memory, and one piece of work in each turn of the event loop.
 */
export function takeJsonBodies(app: FastifyInstance): void {
  const receiving = new ByteRoom(receivingBytes);
  const parsing = new ByteRoom(parsingBytes);
  app.decorateRequest('sentJson', undefined);
  app.decorateRequest('dropBody', dropBody);
  const responses = new WeakMap<FastifyRequest, ServerResponse>();
  app.addHook('preParsing', (request, reply, stream, done) => {
    if (toSentBytes(request) > largeBytes && toMaxBytes(request) > largeBytes) responses.set(request, reply.raw);
    done(null, stream);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(['application/json', '*'], async (request: FastifyRequest, stream: Readable) => {
    // The address does not exist, whatever is sent to it.
    if (request.is404) return void stream.resume();
    assertType(request);
    const response = responses.get(request);
    if (!response) return parseReceived(await receive(request, stream), request);
    // The address of some calls is their permission: nobody is known to make them.
    const who = request.caller?.organizationId ?? '';
    const leave = await receiving.take(toMaxBytes(request), who);
    try {
      const received = await receive(request, stream);
      releaseWithBody(await parsing.take(received.bytes.length, who), request, response);
      return await parseReceived(received, request);
    } finally {
      leave();
    }
  });
}

function dropBody(this: FastifyRequest): void {
  this.body = undefined;
  this.sentJson = undefined;
}

/** The length of a body that comes in chunks is unknown until its end. */
function toSentBytes({ headers }: FastifyRequest): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
}

function toMaxBytes(request: FastifyRequest): number {
  return Math.min(toSentBytes(request), request.routeOptions.bodyLimit);
}

function receive({ headers, routeOptions }: FastifyRequest, stream: Readable): Promise<ReceivedBody> {
  const { bodyLimit: maxBytes, config } = routeOptions;
  return receiveBody(stream, {
    maxBytes,
    isHashed: headers['idempotency-key'] !== undefined || config.hashesBody === true,
  });
}

/** The room is held until the call has dropped its body, or is over. */
function releaseWithBody(release: Release, request: FastifyRequest, response: ServerResponse): void {
  if (response.destroyed) release();
  else response.once('close', release);
  request.dropBody = () => {
    dropBody.call(request);
    release();
  };
}

/** A large body is parsed in pieces, one in each turn of the event loop. What the call does with it is another piece. */
async function parseReceived({ bytes, values, hash }: ReceivedBody, request: FastifyRequest): Promise<unknown> {
  const isLarge = bytes.length > largeBytes || values > largeValues;
  if (isLarge) await takeTurn();
  const text = decode(bytes, request);
  request.sentJson = { text, hash };
  if (isLarge) await takeTurn();
  const body = parseJson(text, request);
  if (isLarge) await takeTurn();
  return body;
}

/**
 * A body is also read as JSON when its type says nothing about it: curl calls it a form by default, and some clients send no
 * type.
 */
const jsonType = /^(application\/([\w.-]+\+)?|text\/)json$/;
const vagueType = /^(text\/plain|application\/x-www-form-urlencoded|)$/;

function toType({ headers }: FastifyRequest): string {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function assertType(request: FastifyRequest): void {
  const type = toType(request);
  if (!jsonType.test(type) && !vagueType.test(type)) throw createTypeProblem(type);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new Problem(
      'unsupported_media_type',
      `The body is encoded as ${encoding.slice(0, 40)}: send it without an encoding.`,
    );
}

function decode(bytes: Buffer, { headers }: FastifyRequest): string {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  // All charsets have the same ASCII.
  if (!/^utf-?8$/i.test(charset) && !isAscii(bytes))
    throw new Problem('malformed_json', `The body is in ${charset.slice(0, 40)}: send it in UTF-8.`);
  if (!isUtf8(bytes)) throw new Problem('malformed_json', 'The body is not valid UTF-8.');
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function parseJson(text: string, request: FastifyRequest): unknown {
  if (text === '') throw new Problem('malformed_json', 'The body is empty; it must be a JSON object.');
  try {
    return JSON.parse(text);
  } catch {
    const type = toType(request);
    if (!jsonType.test(type)) throw createTypeProblem(type);
    throw new Problem('malformed_json', 'The body is not valid JSON.');
  }
}
