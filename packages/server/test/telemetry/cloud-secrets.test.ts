import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createGcsDriver } from '../../src/media/drivers/gcs.ts';
import { createS3Driver } from '../../src/media/drivers/s3.ts';
import type { StorageDriver } from '../../src/media/storage-driver.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { vertexProvider } from '../../src/providers/google/vertex/vertex-provider.ts';
import type { ConnectedModel } from '../../src/providers/provider.ts';
import { listen } from '../fakes/scripted-server.ts';
import { TokenService } from '../fakes/token-service.ts';
import { findLine } from './find-line.ts';

/* The same as in `secrets.test.ts`, for the clouds: buckets and token services that repeat in their errors what they were sent. */

const opaque = (bytes: number) => randomBytes(bytes).toString('base64url');
const secrets = {
  s3Secret: opaque(30),
  s3SessionToken: opaque(200),
  clientSecret: `GOCSPX-${opaque(21)}`,
  refreshToken: `1//0g${opaque(60)}`,
  subjectToken: `${opaque(30)}.${opaque(200)}`,
};
/** Made on the way: assertions of service accounts, signatures of calls, tokens that were given. */
const made = new Set<string>();

const troubles = ['refuse', 'forbid', 'garble', 'drop', 'break'] as const;
type Trouble = (typeof troubles)[number];
let trouble: Trouble = 'refuse';
let folder: string;
let url: string;
let tokens: TokenService;
const told: string[] = [];
const logger = pino(
  { level: 'trace' },
  new Writable({
    write: (chunk, _encoding, done) => {
      told.push(String(chunk));
      done();
    },
  }),
);

/** Repeats every word of a call, as text, XML or JSON. */
const rude = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  note(request.headers.authorization ?? '', body);
  const echo = `${request.url} ${JSON.stringify(request.headers)} ${body} ${decodeURIComponent(body.replaceAll('%', '%25'))}`;
  if (trouble === 'drop') return void request.socket.destroy();
  if (trouble === 'garble') return void response.end(`<Error><Message>${echo}`);
  const status = { refuse: 400, forbid: 403, break: 500 }[trouble];
  const isOfGoogle = /^\/(token|subject|upload|storage|b\/|v1)/.test(request.url ?? '');
  response.writeHead(status, { 'content-type': isOfGoogle ? 'application/json' : 'application/xml' });
  const escaped = echo.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const json = { error: request.url === '/token' ? 'invalid_grant' : { code: status, message: echo } };
  response.end(
    isOfGoogle
      ? JSON.stringify({ ...json, error_description: echo })
      : `<?xml version="1.0"?><Error><Code>Odd</Code><Message>${escaped}</Message></Error>`,
  );
});

function note(authorization: string, body: string): void {
  for (const [, secret] of authorization.matchAll(/(?:Bearer |Signature=)(\S+)/g)) if (secret) made.add(secret);
  const assertion = new URLSearchParams(body).get('assertion');
  if (assertion) made.add(assertion);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-clouds-'));
  url = `http://127.0.0.1:${await listen(rude)}`;
  tokens = await TokenService.start();
  await writeFile(path.join(folder, 'picture'), 'a picture');
});

afterAll(async () => {
  rude.closeAllConnections();
  rude.close();
  await tokens.close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Logs how each of them fails, as the server logs its errors. */
async function logFailures(works: readonly (() => Promise<unknown>)[], through: readonly Trouble[] = troubles) {
  told.length = 0;
  for (const next of through) {
    trouble = next;
    const log = (error: unknown) => logger.error({ event: 'something.failed', trouble, err: error });
    await Promise.all(works.map((work) => work().catch(log)));
  }
}

function toWorks(driver: StorageDriver): readonly (() => Promise<unknown>)[] {
  return [
    () => driver.check(),
    () => driver.write('a/b', path.join(folder, 'picture'), { contentType: 'image/png' }),
    async () => (await driver.read('a/b'))?.stream.destroy(),
    () => driver.stat('a/b'),
  ];
}

function expectNoSecrets(): void {
  const text = told.join('');
  const named = [...Object.entries(secrets), ...[...made].map((secret) => ['made on the way', secret] as const)];
  for (const [name, secret] of named) expect({ name, line: findLine(text, secret) }).toEqual({ name, line: undefined });
}

/** The file of a service account, with changes. */
async function writeCredentials(name: string, changes: object): Promise<string> {
  const file = path.join(folder, `${name}.json`);
  const account: object = JSON.parse(await readFile(tokens.credentialsFile, 'utf8'));
  await writeFile(file, JSON.stringify({ ...account, ...changes }));
  return file;
}

/** The file of an identity of another cloud. */
async function writeExternal(): Promise<string> {
  const file = path.join(folder, 'subject');
  await writeFile(file, secrets.subjectToken);
  return writeCredentials('external', {
    type: 'external_account',
    audience: '//iam.googleapis.com/pools/one',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${url}/token`,
    credential_source: { file },
  });
}

/** Logs the answer: how it fails is on the attempt log, which callers read. */
async function generate(model: ConnectedModel): Promise<void> {
  const answer = await model.generate(
    {
      upstreamModel: 'gemini-3-pro-image',
      turns: [{ role: 'user', parts: [{ kind: 'text', text: 'a cat' }] }],
      parameters: { imageSize: '1K', aspectRatio: '1:1' },
      imageIndex: 0,
      serviceTier: 'standard',
      spoolFolder: folder,
      timeoutMs: 10_000,
    },
    new AbortController().signal,
  );
  logger.info({ event: 'call.ended', answer });
}

describe('no secret is told by the failures', () => {
  it('of S3', { timeout: 60_000 }, async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDOFTHETESTS');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secrets.s3Secret);
    vi.stubEnv('AWS_SESSION_TOKEN', secrets.s3SessionToken);
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    await logFailures(toWorks(createS3Driver({ bucket: 'pictures', prefix: '', endpoint: url, forcePathStyle: true })));
    expect(made.size).toBeGreaterThan(4);
    expectNoSecrets();
  });

  it('of Google Cloud Storage', { timeout: 60_000 }, async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await writeExternal());
    // Otherwise the SDK asks around for it.
    vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'my-project');
    // An emulator needs no token. Google itself is not called without one, and there is none.
    const [emulator, google] = [url, undefined].map((endpoint) =>
      createGcsDriver({ bucket: 'pictures', prefix: '', endpoint }),
    );
    if (!emulator || !google) throw new Error('There are two drivers.');
    // Of the others, the SDK makes its calls again for minutes.
    const works = [...toWorks(emulator), () => google.stat('a/b')];
    await logFailures(works, ['refuse', 'forbid']);
    expect(told.length).toBeGreaterThan(9);
    expectNoSecrets();
  });

  it('of an exchange of tokens, and of a call that has got one', { timeout: 60_000 }, async () => {
    const token_uri = `${url}/token`;
    const client = { client_id: 'client', client_secret: secrets.clientSecret, refresh_token: secrets.refreshToken };
    const files = [
      await writeCredentials('account', { token_uri }),
      await writeCredentials('user', { type: 'authorized_user', ...client, token_uri }),
      await writeExternal(),
      tokens.credentialsFile,
    ];
    const models = files.map((credentialsFile) =>
      vertexProvider.connect(
        { apiKey: '', baseUrl: url, project: 'my-project', credentialsFile },
        { clock: systemClock },
      ),
    );
    await logFailures(models.map((model) => () => generate(model)));
    for (const model of models) await model.close();
    expect(told.join('')).toContain('upstream_key_invalid');
    expect([...made].some((one) => one.startsWith('ya29.'))).toBe(true);
    expect([...made].some((one) => one.startsWith('ey'))).toBe(true);
    expectNoSecrets();
  });
});
