import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { composeServer } from '../../src/compose.ts';
import { ConfigError, loadConfig } from '../../src/config/load-config.ts';
import { listen } from '../fakes/scripted-server.ts';
import { findLine } from './find-line.ts';
import { key, type Observed, startObserved, submit, waitForEnd } from './start-observed.ts';

/* Every kind of secret goes through every kind of failure; none may be in the log, in an answer to somebody else, or in the metrics. */

const secrets = {
  upstreamKey: 'upstream-key-5eCr3t',
  otherApiKey: 'bearer-of-a-caller-5eCr3t',
  otlpHeader: 'otlp-token-5eCr3t',
  proxyPassword: 'proxy-password-5eCr3t',
  moderationSecret: 'whsec_bW9kZXJhdGlvbi1zZWNyZXQtNWVDcjN0LXNlY3JldA==',
  prompt: 'a prompt that nobody may read 5eCr3t',
  signedReference: 'X-Amz-Signature=reference-5eCr3t',
  webhookQuery: 'token=webhook-query-5eCr3t',
  databasePassword: 'database-password-5eCr3t',
};

/** What an upstream, a collector, a moderation or a receiver does to Darkroom. It repeats what it was sent, as some do. */
const troubles = ['refuse', 'forbid', 'garble', 'drop'] as const;
let trouble: (typeof troubles)[number] = 'refuse';
let folder: string;
let rude: ReturnType<typeof createServer>;
let rudeUrl: string;
let observed: Observed;
const answers: string[] = [];
const waiting = { timeout: 60_000, interval: 50 };

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-secrets-'));
  rude = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const echo = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
    if (trouble === 'drop') return void request.socket.destroy();
    if (trouble === 'garble') return void response.end(`{"candidates": [${echo}`);
    const error = { code: 400, message: echo, status: 'INVALID_ARGUMENT' };
    response.writeHead(trouble === 'refuse' ? 400 : 403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error }));
  });
  rudeUrl = `http://127.0.0.1:${await listen(rude)}`;
  observed = await startObserved(folder, {
    GEMINI_API_KEY: secrets.upstreamKey,
    GEMINI_BASE_URL: rudeUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: rudeUrl,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${secrets.otlpHeader}`,
    OTEL_METRIC_EXPORT_INTERVAL: '300',
    HTTPS_PROXY: `http://someone:${secrets.proxyPassword}@127.0.0.1:1`,
    DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1',
    DARKROOM_MODERATION_URL: `${rudeUrl}/moderation`,
    DARKROOM_MODERATION_SECRET: secrets.moderationSecret,
    DARKROOM_MODERATION_FAILS: 'open',
  });
}, 60_000);

afterAll(async () => {
  rude.closeAllConnections();
  rude.close();
  await rm(folder, { recursive: true, force: true });
});

it('no secret is in the log or in the metrics, whatever fails', { timeout: 120_000 }, async () => {
  const webhook_url = `${rudeUrl}/hook?${secrets.webhookQuery}`;
  const picture = `${rudeUrl}/picture.png?${secrets.signedReference}`;
  const plain = { prompt: secrets.prompt, image_size: '1K', aspect_ratio: '1:1' };
  for (const next of troubles) {
    trouble = next;
    const settled = observed.events('attempt.settled').length;
    const made = await submit(observed, { payload: plain, webhook_url, deadline_seconds: 60 });
    const edited = await submit(observed, { payload: { ...plain, image: picture }, webhook_url });
    const proxied = { ...plain, image: `https://10.0.0.1/picture.png?${secrets.signedReference}` };
    await submit(observed, { payload: proxied });
    await observed.call('/api/v1/ie/requestqueue/apikey/requests', { method: 'POST', body: '{' }, secrets.otherApiKey);
    answers.push(
      await (await observed.call(`/api/v1/ie/requestqueue/apikey/requests`, {}, secrets.otherApiKey)).text(),
    );
    answers.push(
      await (
        await observed.call('/api/v1/ie/requestqueue/apikey/requests', {
          method: 'POST',
          body: `{"x":"${secrets.prompt}`,
        })
      ).text(),
    );
    await vi.waitFor(() => expect(observed.events('attempt.settled').length).toBeGreaterThan(settled + 1), waiting);
    for (const id of [made, edited])
      await observed.call(`/api/v1/ie/requestqueue/apikey/requests/${id}/cancel`, { method: 'POST' });
    for (const id of [made, edited]) await waitForEnd(observed, id);
  }
  const metrics = await (await observed.call('/metrics')).text();
  expect(metrics).toMatch(/darkroom_reference_fetch_duration_seconds_count\{outcome="unavailable"\} [1-9]/);
  await observed.server.stop();
  const written = [...observed.lines, metrics].join('\n');
  expect(observed.events('request.ended').length).toBeGreaterThanOrEqual(2 * troubles.length);
  expect(observed.events('call.ended').length).toBeGreaterThan(0);
  expect(observed.events('telemetry.unsent').length).toBeGreaterThan(0);
  for (const [name, secret] of Object.entries({ ...secrets, key }))
    expect({ name, line: findLine(written, secret) }).toEqual({ name, line: undefined });
  for (const answer of answers) expect(findLine(answer, secrets.otherApiKey)).toBeUndefined();
});

it('no secret is in the error of a start', async () => {
  // A server that refuses the password.
  const database = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(toRefusal('password authentication failed for user "someone"')));
  });
  const port = await listen(database);
  const env = {
    DATABASE_URL: `postgres://someone:${secrets.databasePassword}@127.0.0.1:${port}/none`,
    GEMINI_API_KEY: secrets.upstreamKey,
  };
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const config = loadConfig({ env, flags: {}, folder });
  const error = await composeServer(config, pino({ level: 'trace' }, destination)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  database.close();
  expect(error).toBeInstanceOf(Error);
  const told = pino({ level: 'trace' }, destination);
  told.error({ event: 'start.failed', err: error });
  expect(lines.join('')).toContain('start.failed');
  expect(lines.join('')).not.toContain('5eCr3t');
});

it('no secret is in the error of a wrong setting', () => {
  const env = {
    HTTPS_PROXY: `ftp://someone:${secrets.proxyPassword}@proxy`,
    OTEL_EXPORTER_OTLP_HEADERS: secrets.otlpHeader,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    DARKROOM_MODERATION_SECRET: 'a-moderation-5eCr3t',
    DATABASE_URL: `mysql://someone:${secrets.databasePassword}@host/db`,
  };
  const load = () => loadConfig({ env, flags: {}, folder });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(
    /OTEL_EXPORTER_OTLP_PROTOCOL must be http\/json[\s\S]*OTEL_EXPORTER_OTLP_HEADERS must be name=value pairs/,
  );
  expect(load).not.toThrow(/5eCr3t/);
});

/** As PostgreSQL refuses a connection. */
function toRefusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
