import { createHash, createHmac } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
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
 * A small server that speaks S3, for tests: signature version 4 in headers and in URLs, objects that change in one
 * step, ranges, pages of a list, uploads in parts, Content-MD5. Bytes are in files. It follows Amazon's reference, and
 * accepts nothing that Amazon would refuse.
 */
export interface S3TestServer {
  readonly url: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** `METHOD /path?query` of every call, oldest first. */
  readonly calls: string[];
  /** The answers of the next calls, one each. */
  readonly failures: { readonly status: number; readonly code: string; readonly detail?: string }[];
  /** By name. */
  readonly objects: ReadonlyMap<string, StoredFile>;
  /** Uploads in parts that are neither completed nor aborted. */
  readonly uploads: ReadonlyMap<string, Upload>;
  /** The headers with which the object was stored. */
  headersOf(name: string): Readonly<Record<string, string | undefined>>;
  close(): Promise<void>;
}

interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly md5: string;
}

interface TestObject extends StoredFile {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

interface Upload {
  readonly key: string;
  readonly headers: TestObject['headers'];
  readonly parts: Map<number, StoredFile>;
}

export async function startS3TestServer(options: { readonly pageSize?: number } = {}): Promise<S3TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-s3-'));
  const bucket = 'pictures-of-darkroom';
  const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: createSecret() };
  const context: Context = { folder, bucket, credentials, objects: new Map(), uploads: new Map(), ...options };
  const calls: string[] = [];
  const failures: S3TestServer['failures'] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    const failure = failures.shift();
    const answering = failure
      ? Promise.reject(new S3Refusal(failure.status, failure.code, failure.detail))
      : answer(request, response, context);
    answering.catch((error: unknown) => refuse(error, request, response)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    bucket,
    credentials,
    calls,
    failures,
    objects: context.objects,
    uploads: context.uploads,
    headersOf: (name) => context.objects.get(name)?.headers ?? {},
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

interface Context {
  readonly folder: string;
  readonly bucket: string;
  readonly credentials: S3TestServer['credentials'];
  readonly objects: Map<string, TestObject>;
  readonly uploads: Map<string, Upload>;
  readonly pageSize?: number;
}

class S3Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;

  constructor(status: number, code: string, detail = '') {
    super(code);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly key: string;
  readonly query: URLSearchParams;
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const url = new URL(request.url ?? '', 'http://server');
  assertSigned(request, url, context.credentials);
  const [, bucket = '', ...segments] = url.pathname.split('/').map(decodeURIComponent);
  if (bucket !== context.bucket) throw new S3Refusal(404, 'NoSuchBucket');
  const call = { request, response, key: segments.join('/'), query: url.searchParams };
  return call.key === '' ? await answerForBucket(call, context) : await answerForObject(call, context);
}

async function answerForBucket({ request, response, query }: Call, context: Context): Promise<void> {
  if (request.method === 'POST' && query.has('delete')) {
    for (const [, name = ''] of (await text(request)).matchAll(/<Key>([^<]*)<\/Key>/g)) context.objects.delete(name);
    sendXml(response, '<DeleteResult></DeleteResult>');
  } else if (query.has('uploads')) sendXml(response, toUploadsXml(context, query.get('prefix') ?? ''));
  else if (query.get('list-type') === '2') sendXml(response, toListXml(query, context));
  else throw new S3Refusal(501, 'NotImplemented');
}

function toListXml(query: URLSearchParams, context: Context): string {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const asked = Math.min(Number(query.get('max-keys') ?? 1_000), context.pageSize ?? 1_000);
  const names = [...context.objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
  const page = names.slice(0, asked);
  const isTruncated = names.length > page.length;
  const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  const contents = page.map((name) => `<Contents><Key>${name}</Key></Contents>`).join('');
  const head = `<Name>${context.bucket}</Name><IsTruncated>${isTruncated}</IsTruncated>${next}`;
  return `<ListBucketResult>${head}${contents}</ListBucketResult>`;
}

function toUploadsXml({ uploads }: Context, prefix: string): string {
  const found = [...uploads].filter(([, { key }]) => key.startsWith(prefix));
  const lines = found.map(([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
  return `<ListMultipartUploadsResult>${lines.join('')}</ListMultipartUploadsResult>`;
}

async function answerForObject(call: Call, context: Context): Promise<void> {
  const { request, response, key, query } = call;
  const uploadId = query.get('uploadId');
  if (request.method === 'POST' && query.has('uploads')) return begin(call, context);
  if (uploadId !== null) return await answerForUpload(call, uploadId, context);
  switch (request.method) {
    case 'PUT': {
      const file = await receive(request, context.folder);
      context.objects.set(key, { ...file, headers: toKeptHeaders(request) });
      return void response.writeHead(200, { ETag: `"${file.md5}"` }).end();
    }
    case 'HEAD':
    case 'GET':
      return await send(call, context);
    case 'DELETE':
      context.objects.delete(key);
      return void response.writeHead(204).end();
    default:
      throw new S3Refusal(405, 'MethodNotAllowed');
  }
}

async function send({ request, response, key }: Call, { objects }: Context): Promise<void> {
  const object = objects.get(key);
  if (!object) throw new S3Refusal(404, 'NoSuchKey');
  const { bytes, path, headers } = object;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const range = first === undefined ? undefined : { start: Number(first), end: Math.min(Number(last), bytes - 1) };
  if (range && range.start >= bytes) throw new S3Refusal(416, 'InvalidRange');
  response.writeHead(range ? 206 : 200, {
    ...headers,
    ETag: `"${object.md5}"`,
    'Content-Length': range ? range.end - range.start + 1 : bytes,
    ...(range && { 'Content-Range': `bytes ${range.start}-${range.end}/${bytes}` }),
  });
  if (request.method === 'HEAD') return void response.end();
  await pipeline(createReadStream(path, range), response);
}

function begin({ request, response, key }: Call, { uploads, bucket }: Context): void {
  const id = createSecret();
  uploads.set(id, { key, headers: toKeptHeaders(request), parts: new Map() });
  const names = `<Bucket>${bucket}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId>`;
  sendXml(response, `<InitiateMultipartUploadResult>${names}</InitiateMultipartUploadResult>`);
}

async function answerForUpload({ request, response, key, query }: Call, id: string, context: Context): Promise<void> {
  const upload = context.uploads.get(id);
  if (upload?.key !== key) throw new S3Refusal(404, 'NoSuchUpload');
  if (request.method === 'PUT') {
    const part = await receive(request, context.folder);
    upload.parts.set(Number(query.get('partNumber')), part);
    return void response.writeHead(200, { ETag: `"${part.md5}"` }).end();
  }
  if (request.method === 'POST') {
    const asked = [...(await text(request)).matchAll(/<ETag>(?:&quot;|")(\w+)(?:&quot;|")<\/ETag>/g)].map(
      ([, md5]) => md5,
    );
    context.objects.set(key, { ...(await joinParts(upload, asked, context.folder)), headers: upload.headers });
    context.uploads.delete(id);
    return sendXml(response, `<CompleteMultipartUploadResult><Key>${key}</Key></CompleteMultipartUploadResult>`);
  }
  context.uploads.delete(id);
  response.writeHead(204).end();
}

const leastPartBytes = 5 * 1024 * 1024;

async function joinParts({ parts }: Upload, asked: readonly unknown[], folder: string): Promise<StoredFile> {
  const files = [...parts].sort(([left], [right]) => left - right).map(([, file]) => file);
  if (files.some(({ md5 }, index) => md5 !== asked[index]) || files.length !== asked.length)
    throw new S3Refusal(400, 'InvalidPart');
  if (files.slice(0, -1).some(({ bytes }) => bytes < leastPartBytes)) throw new S3Refusal(400, 'EntityTooSmall');
  const whole = async function* () {
    for (const { path } of files) yield* createReadStream(path);
  };
  return await keep(Readable.from(whole()), folder);
}

async function receive(request: IncomingMessage, folder: string): Promise<StoredFile> {
  const file = await keep(request, folder);
  if (request.headers['content-length'] === undefined) throw new S3Refusal(411, 'MissingContentLength');
  if (file.bytes !== Number(request.headers['content-length'])) throw new S3Refusal(400, 'IncompleteBody');
  const md5 = request.headers['content-md5'];
  if (md5 !== undefined && Buffer.from(String(md5), 'base64').toString('hex') !== file.md5)
    throw new S3Refusal(400, 'BadDigest');
  return file;
}

async function keep(source: Readable, folder: string): Promise<StoredFile> {
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
  return { path, bytes, md5: hash.digest('hex') };
}

function toKeptHeaders({ headers }: IncomingMessage): TestObject['headers'] {
  const kept = { 'content-type': headers['content-type'], 'cache-control': headers['cache-control'] };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

function sendXml(response: ServerResponse, xml: string): void {
  response.writeHead(200, { 'Content-Type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
}

async function refuse(error: unknown, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (response.headersSent || request.destroyed) return void response.destroy();
  const { status, code, detail } = error instanceof S3Refusal ? error : new S3Refusal(500, 'InternalError');
  // If a connection is closed while its body is sent, the answer is lost.
  for await (const _ of request);
  response.writeHead(status, { 'Content-Type': 'application/xml' });
  const xml = `<Error><Code>${code}</Code><Message>${code}</Message>${detail}</Error>`;
  response.end(request.method === 'HEAD' ? undefined : xml);
}

/** Signature version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function assertSigned(request: IncomingMessage, url: URL, credentials: S3TestServer['credentials']): void {
  const given = url.searchParams.has('X-Amz-Signature') ? parseQuery(url) : parseHeader(request);
  if (given?.keyId !== credentials.accessKeyId) throw new S3Refusal(403, given ? 'InvalidAccessKeyId' : 'AccessDenied');
  if (given.expiresAt !== undefined && systemClock.now() > given.expiresAt) throw new S3Refusal(403, 'AccessDenied');
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.map(encode).join('='));
  const headers = given.signedHeaders.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`);
  const canonical = [
    request.method,
    url.pathname,
    query.sort().join('&'),
    headers.join(''),
    given.signedHeaders.join(';'),
    given.payload,
  ].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const day = given.scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(day, ['AWS4-HMAC-SHA256', given.date, given.scope, digest].join('\n')).toString('hex');
  if (signature !== given.signature) throw new S3Refusal(403, 'SignatureDoesNotMatch');
}

function parseHeader({ headers }: IncomingMessage) {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, keyId, scope = '', names = '', signature] = pattern.exec(headers.authorization ?? '') ?? [];
  const payload = String(headers['x-amz-content-sha256']);
  const signedHeaders = names.split(';');
  return keyId === undefined
    ? undefined
    : { keyId, scope, signedHeaders, signature, payload, date: String(headers['x-amz-date']), expiresAt: undefined };
}

function parseQuery({ searchParams }: URL) {
  const get = (name: string) => searchParams.get(`X-Amz-${name}`) ?? '';
  const [keyId = '', ...scope] = get('Credential').split('/');
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(get('Date')) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return {
    keyId,
    scope: scope.join('/'),
    signedHeaders: get('SignedHeaders').split(';'),
    signature: get('Signature'),
    payload: 'UNSIGNED-PAYLOAD',
    date: get('Date'),
    expiresAt: signedAt + Number(get('Expires')) * 1_000,
  };
}

function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
