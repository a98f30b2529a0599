import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../../src/platform/clock.ts';
import { createSecret } from '../../src/platform/ids.ts';

/**
 * A small server that speaks the JSON API of Google Cloud Storage, for tests: uploads in one body and in sessions,
 * checksums, ranges, pages of a list, and addresses signed with version 4. Objects change in one step; their bytes are
 * in files.
 */
export interface GcsTestServer {
  readonly url: string;
  readonly bucket: string;
  /** The service account whose signatures it accepts. */
  readonly credentials: { readonly client_email: string; readonly private_key: string };
  /** `METHOD /path?query` of every call, oldest first. */
  readonly calls: string[];
  /** The answers of the next calls, one each. */
  readonly failures: { readonly status: number; readonly message: string }[];
  /** The metadata with which the object was stored. */
  metadataOf(name: string): Metadata | undefined;
  close(): Promise<void>;
}

interface Metadata {
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly md5Hash?: string | undefined;
}

interface TestObject {
  readonly metadata: Metadata;
  readonly path: string;
  readonly bytes: number;
  readonly md5Hash: string;
}

interface Context {
  readonly folder: string;
  readonly bucket: string;
  readonly publicKey: string;
  readonly pageSize: number;
  readonly objects: Map<string, TestObject>;
  readonly sessions: Map<string, { readonly name: string; readonly metadata: Metadata }>;
}

export async function startGcsTestServer(options: { readonly pageSize?: number } = {}): Promise<GcsTestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-gcs-'));
  const bucket = 'pictures-of-darkroom';
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { pageSize = 1_000 } = options;
  const context: Context = { folder, bucket, publicKey, pageSize, objects: new Map(), sessions: new Map() };
  const calls: string[] = [];
  const failures: GcsTestServer['failures'] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    const failure = failures.shift();
    const answering = failure
      ? Promise.reject(new GcsTestRefusal(failure.status, failure.message))
      : answer(request, response, context);
    answering.catch((error: unknown) => refuse(error, request, response)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    bucket,
    credentials: { client_email: 'darkroom@tests.example', private_key: privateKey },
    calls,
    failures,
    metadataOf: (name) => context.objects.get(name)?.metadata,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

class GcsTestRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const url = new URL(request.url ?? '', `http://${request.headers.host}`);
  const call = { request, response, url };
  const upload = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname);
  const api = /^\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname);
  const bucket = upload?.[1] ?? api?.[1] ?? url.pathname.split('/')[1];
  if (bucket !== context.bucket) throw new GcsTestRefusal(404, 'The specified bucket does not exist.');
  if (upload) return await answerUpload(call, context);
  if (!api) return await answerSigned(call, context);
  const name = api[2] === undefined ? undefined : decodeURIComponent(api[2]);
  if (name === undefined) sendJson(response, toPage(url.searchParams, context));
  else await answerForObject(call, name, context);
}

function toPage(query: URLSearchParams, { objects, pageSize }: Context): unknown {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('pageToken') ?? '';
  const names = [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
  const page = names.slice(0, Math.min(pageSize, Number(query.get('maxResults') ?? pageSize)));
  const next = names.length > page.length ? { nextPageToken: page.at(-1) } : {};
  return { kind: 'storage#objects', items: page.map((name) => ({ name })), ...next };
}

async function answerForObject(call: Call, name: string, context: Context): Promise<void> {
  const { request, response, url } = call;
  const object = context.objects.get(name);
  if (!object) throw new GcsTestRefusal(404, `No such object: ${context.bucket}/${name}`);
  if (request.method === 'DELETE') {
    context.objects.delete(name);
    response.writeHead(204).end();
  } else if (url.searchParams.get('alt') === 'media') await sendMedia(call, object);
  else sendJson(response, toResource(name, object, context));
}

function toResource(name: string, { metadata, bytes, md5Hash }: TestObject, { bucket }: Context) {
  return { kind: 'storage#object', bucket, name, size: String(bytes), ...metadata, md5Hash };
}

async function sendMedia({ request, response }: Call, { path, bytes, metadata }: TestObject): Promise<void> {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const range = first === undefined ? undefined : { start: Number(first), end: Math.min(Number(last), bytes - 1) };
  response.writeHead(range ? 206 : 200, {
    'Content-Type': metadata.contentType ?? 'application/octet-stream',
    'Content-Length': range ? range.end - range.start + 1 : bytes,
    ...(range && { 'Content-Range': `bytes ${range.start}-${range.end}/${bytes}` }),
  });
  await pipeline(createReadStream(path, range), response);
}

async function answerUpload({ request, response, url }: Call, context: Context): Promise<void> {
  const name = url.searchParams.get('name') ?? '';
  const session = url.searchParams.get('upload_id');
  if (session !== null) {
    const begun = context.sessions.get(session);
    if (!begun) throw new GcsTestRefusal(410, 'The session is over.');
    const object = await store(request, begun, context);
    context.sessions.delete(session);
    return sendJson(response, toResource(begun.name, object, context));
  }
  if (url.searchParams.get('uploadType') === 'resumable') {
    const id = createSecret();
    const contentType = toText(request.headers['x-upload-content-type']);
    const metadata: Metadata = JSON.parse((await text(request)) || '{}');
    context.sessions.set(id, { name, metadata: { ...metadata, contentType } });
    return void response.writeHead(200, { Location: `${url.origin}${url.pathname}?upload_id=${id}` }).end();
  }
  const { metadata, media } = await splitMultipart(request, context);
  sendJson(response, toResource(name, await store(media, { name, metadata }, context), context));
}

/** The body of an upload in one call: the metadata as JSON, and the bytes, with a boundary between and around them. */
async function splitMultipart(request: IncomingMessage, { folder }: Context) {
  const [, boundary = ''] = /boundary="?([^";]+)/.exec(request.headers['content-type'] ?? '') ?? [];
  const path = join(folder, createSecret());
  await pipeline(request, createWriteStream(path));
  const file = await open(path);
  const { size } = await file.stat();
  const head = (await file.read(Buffer.alloc(4_096), 0, 4_096, 0)).buffer.toString('latin1');
  await file.close();
  const jsonStart = head.indexOf('{');
  const mediaHead = head.indexOf(`--${boundary}`, jsonStart);
  const start = head.indexOf('\r\n\r\n', mediaHead) + 4;
  const end = size - `\r\n--${boundary}--`.length - 1;
  const [, contentType] = /content-type: *([^\r]+)/i.exec(head.slice(mediaHead, start)) ?? [];
  const metadata: Metadata = JSON.parse(head.slice(jsonStart, head.lastIndexOf('}', mediaHead) + 1));
  return {
    metadata: { ...metadata, contentType },
    media: end < start ? Readable.from([]) : createReadStream(path, { start, end }),
  };
}

async function store(
  source: Readable,
  { name, metadata }: { readonly name: string; readonly metadata: Metadata },
  { folder, objects }: Context,
): Promise<TestObject> {
  const path = join(folder, createSecret());
  const hash = createHash('md5');
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(source, counted, createWriteStream(path));
  const md5Hash = hash.digest('base64');
  if (metadata.md5Hash !== undefined && metadata.md5Hash !== md5Hash)
    throw new GcsTestRefusal(
      400,
      `Provided MD5 hash "${metadata.md5Hash}" doesn't match calculated MD5 hash "${md5Hash}".`,
    );
  const object = { metadata, path, bytes, md5Hash };
  objects.set(name, object);
  return object;
}

/** Signed addresses go to the XML API: https://cloud.google.com/storage/docs/authentication/canonical-requests */
async function answerSigned(call: Call, context: Context): Promise<void> {
  const { request, response, url } = call;
  assertSigned(call, context);
  const name = url.pathname.split('/').slice(2).map(decodeURIComponent).join('/');
  if (request.method === 'PUT') {
    await store(request, { name, metadata: { contentType: request.headers['content-type'] } }, context);
    return void response.writeHead(200).end();
  }
  const object = context.objects.get(name);
  if (!object) throw new GcsTestRefusal(404, 'No such object.');
  await sendMedia(call, object);
}

function assertSigned({ request, url }: Call, { publicKey }: Context): void {
  const get = (name: string) => url.searchParams.get(`X-Goog-${name}`) ?? '';
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(get('Date')) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!(systemClock.now() <= signedAt + Number(get('Expires')) * 1_000)) throw new GcsTestRefusal(400, 'ExpiredToken');
  // The SDK signs the host without its port, because Google's own hosts have none.
  const headers = get('SignedHeaders').split(';');
  const lines = headers.map((name) => `${name}:${name === 'host' ? url.hostname : (request.headers[name] ?? '')}\n`);
  const query = [...url.searchParams].filter(([name]) => name !== 'X-Goog-Signature');
  const pairs = query.map((pair) => pair.map(encodeURIComponent).join('=')).sort();
  const canonical = [
    request.method,
    url.pathname,
    pairs.join('&'),
    lines.join(''),
    headers.join(';'),
    'UNSIGNED-PAYLOAD',
  ];
  const digest = createHash('sha256').update(canonical.join('\n')).digest('hex');
  const scope = get('Credential').split('/').slice(1).join('/');
  const verify = createVerify('RSA-SHA256').update([get('Algorithm'), get('Date'), scope, digest].join('\n'));
  if (!verify.verify(publicKey, get('Signature'), 'hex')) throw new GcsTestRefusal(403, 'SignatureDoesNotMatch');
}

function toText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=UTF-8' }).end(JSON.stringify(value));
}

async function refuse(error: unknown, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (response.headersSent || request.destroyed) return void response.destroy();
  const { status, message } = error instanceof GcsTestRefusal ? error : new GcsTestRefusal(500, String(error));
  // If a connection is closed while its body is sent, the answer is lost.
  for await (const _ of request);
  response.writeHead(status, { 'Content-Type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify({ error: { code: status, message, errors: [{ message }] } }));
}
