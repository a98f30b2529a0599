import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer, json } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Posted, postMessage } from '../src/events/webhooks/post-message.ts';
import { createMessage, signMessage } from '../src/events/webhooks/signed-message.ts';
import { createWebhookRules } from '../src/events/webhooks/webhook-url.ts';
import { createGcsDriver } from '../src/media/drivers/gcs.ts';
import { createS3Driver } from '../src/media/drivers/s3.ts';
import { createReferenceFetcher } from '../src/media/references/reference-fetcher.ts';
import type { StorageDriver } from '../src/media/storage-driver.ts';
import { createAgents } from '../src/outbound/agents.ts';
import { Proxies } from '../src/outbound/proxies.ts';
import { systemClock } from '../src/platform/clock.ts';
import { ForwardProxy } from './fakes/forward-proxy.ts';
import { startGcsTestServer } from './fakes/gcs-test-server.ts';
import { ModelUnderTest } from './fakes/model-under-test.ts';
import { picturePart, toAnswerBody } from './fakes/recorded-answers.ts';
import { startS3TestServer } from './fakes/s3-test-server.ts';
import { listen, ScriptedServer } from './fakes/scripted-server.ts';
import { createSelfSignedCertificate } from './fakes/self-signed-certificate.ts';
import { SilentAddress } from './fakes/silent-address.ts';

/** Only the proxy knows where these names lead: what reaches them has gone through it. */
const folder = await mkdtemp(path.join(tmpdir(), 'darkroom-ways-out-'));
const proxy = await ForwardProxy.start();
const proxies = new Proxies({ httpProxy: proxy.url, httpsProxy: proxy.url });
const authorization = `Basic ${Buffer.from('operator:secret').toString('base64')}`;
const signal = new AbortController().signal;

/** A host that speaks TLS, and answers everything with a picture as the upstream does. */
const certificate = createSelfSignedCertificate('far.test');
let answerAfterMs = 0;
const far = createServer(certificate, async (request, response) => {
  await buffer(request);
  await systemClock.sleep(answerAfterMs);
  response.end(JSON.stringify(toAnswerBody([picturePart])));
});
const trusted = getCACertificates('default');

beforeAll(async () => {
  proxy.lead('far.test', await listen(far));
  setDefaultCACertificates([...trusted, certificate.cert]);
});
afterEach(() => {
  for (const authorized of proxy.authorizations) expect(authorized).toBe(authorization);
  proxy.calls.length = 0;
  proxy.refusal = undefined;
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  far.closeAllConnections();
  far.close();
  await proxy.close();
  await rm(folder, { recursive: true });
});

describe('a call to an upstream', () => {
  it('goes through a tunnel of the proxy, a new one for each call', async () => {
    const test = await ModelUnderTest.create({ baseUrl: 'https://far.test:8443', proxies });
    expect(await test.generate()).toMatchObject({ kind: 'pictures' });
    expect(await test.generate()).toMatchObject({ kind: 'pictures' });
    expect(proxy.calls).toEqual(['CONNECT far.test:8443', 'CONNECT far.test:8443']);
    await test.close();
  });

  it('to an http address is forwarded by the proxy', async () => {
    const test = await ModelUnderTest.create({ baseUrl: 'http://near.test', proxies });
    proxy.lead('near.test', Number(new URL(test.upstream.url).port));
    test.upstream.answerJson(200, toAnswerBody([picturePart]));
    expect(await test.generate()).toMatchObject({ kind: 'pictures' });
    expect(proxy.calls).toEqual([expect.stringMatching(/^POST http:\/\/near\.test\/v1beta\/models\//)]);
    await test.close();
  });

  it('was not sent when the proxy makes no tunnel', async () => {
    const test = await ModelUnderTest.create({ baseUrl: 'https://far.test', proxies });
    proxy.refusal = '403 Forbidden';
    const failure = { code: 'upstream_unreachable', message: expect.stringContaining('ERR_PROXY_TUNNEL') };
    expect(await test.generate()).toMatchObject({ kind: 'failed', failure, isPossiblyBilled: false });
    await test.close();
  });

  it('may take longer than its tunnel', async () => {
    answerAfterMs = 600;
    const test = await ModelUnderTest.create({
      baseUrl: 'https://far.test',
      proxies,
      limits: { connectTimeoutMs: 300 },
    });
    expect(await test.generate()).toMatchObject({ kind: 'pictures' });
    answerAfterMs = 0;
    await test.close();
  });

  it.each(['proxy.silent:443', 'far.silent:443'])('is given up in time when %s says nothing', async (host) => {
    const silent = createTcpServer((socket) => void socket.on('error', () => {}));
    const port = await listen(silent);
    proxy.lead('far.silent', port);
    const ways = host.startsWith('proxy') ? new Proxies({ httpsProxy: `http://127.0.0.1:${port}` }) : proxies;
    const limits = { connectTimeoutMs: 300 };
    const test = await ModelUnderTest.create({ baseUrl: `https://${host}`, proxies: ways, limits });
    expect(await test.generate()).toMatchObject({ failure: { code: 'upstream_unreachable' }, isPossiblyBilled: false });
    await test.close();
    silent.close();
  });

  it('to this machine goes directly', async () => {
    const test = await ModelUnderTest.create({ proxies });
    test.upstream.answerJson(200, toAnswerBody([picturePart]));
    expect(await test.generate()).toMatchObject({ kind: 'pictures' });
    expect(proxy.calls).toEqual([]);
    await test.close();
  });
});

describe('a direct call to an upstream', () => {
  it('reaches the next address of its name when the first one refuses', async () => {
    // Both addresses of the loopback belong to the name; the upstream has only the one of IPv4.
    const test = await ModelUnderTest.create({});
    const { port } = new URL(test.upstream.url);
    const far = await ModelUnderTest.create({ baseUrl: `http://localhost:${port}` });
    test.upstream.answerJson(200, toAnswerBody([picturePart]));
    expect(await far.generate()).toMatchObject({ kind: 'pictures' });
    await Promise.all([test.close(), far.close()]);
  });

  it('reaches the next address when the first one never answers', async () => {
    const server = await ScriptedServer.start();
    server.answerBody('here');
    const silent = await SilentAddress.start('127.0.0.2', server.port);
    const agents = createAgents({ keepAlive: false });
    const addresses = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }));
    const lookup: LookupFunction = (_name, _options, callback) => callback(null, addresses);
    const call = request(`http://far.test:${server.port}/`, { agent: agents.http, lookup }).end();
    const [response] = await once(call, 'response');
    expect(String(await buffer(response))).toBe('here');
    agents.destroy();
    await Promise.all([silent.close(), server.close()]);
  });
});

describe('a webhook', () => {
  async function post(url: string): Promise<Posted> {
    const message = createMessage('msg_1', { type: 'webhook.test', at: 0 }, async function* () {
      yield '"data"';
    });
    const signed = await signMessage(message, { secrets: ['whsec_c2VjcmV0'], now: 1_000 });
    return postMessage(url, signed, { rules: createWebhookRules([], { proxies }), timeoutMs: 5_000, signal });
  }

  it('goes through the proxy, which looks up its name', async () => {
    const receiver = await ScriptedServer.start();
    const received: unknown[] = [];
    receiver.answer(async (response, request) => {
      received.push(await json(request));
      response.end('thanks');
    });
    proxy.lead('hooks.test', receiver.port);
    expect(await post('http://hooks.test/path')).toMatchObject({ kind: 'answered', answer: 'thanks' });
    expect(await post('https://far.test/path')).toMatchObject({ kind: 'answered', httpStatus: 200 });
    expect(received).toEqual([expect.objectContaining({ data: 'data' })]);
    expect(proxy.calls).toEqual(['POST http://hooks.test/path', 'CONNECT far.test:443']);
    await receiver.close();
  });

  it('is not delivered when the proxy refuses, and says so', async () => {
    proxy.refusal = '407 Proxy Authentication Required';
    expect(await post('https://far.test/')).toEqual({ kind: 'unanswered', reason: 'the proxy did not connect' });
  });

  it.each(['http://10.0.0.1/', 'http://169.254.169.254/', 'http://localhost/', 'https://hooks.test:8443/'])(
    'to %s is refused all the same',
    async (url) => {
      expect(await post(url)).toMatchObject({ kind: 'unanswered' });
      expect(proxy.calls).toEqual([]);
    },
  );
});

describe('a reference', () => {
  async function fetchFrom(url: string, ways: { readonly proxies?: Proxies }) {
    const fetcher = createReferenceFetcher({
      allowPrivateHosts: [],
      clock: systemClock,
      chance: () => 0,
      lookup: async () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })),
      ...ways,
    });
    return fetcher.fetch(url, { folder, signal }).finally(() => fetcher.close());
  }

  it('goes through the proxy only when the fetcher is told to', async () => {
    const server = await ScriptedServer.start();
    server.answerBody(Buffer.from('\x89PNG\r\n\x1a\nand more', 'latin1'));
    proxy.lead('pictures.test', server.port);
    const url = 'http://pictures.test/cat.png';
    expect(await fetchFrom(url, {})).toMatchObject({ kind: 'failed', reason: 'its host name does not exist' });
    expect(await fetchFrom(url, { proxies })).toMatchObject({ kind: 'fetched' });
    expect(proxy.calls).toEqual(['GET http://pictures.test/cat.png']);
    await server.close();
  });
});

describe('a bucket', () => {
  const write = async (driver: StorageDriver) => {
    const source = path.join(folder, 'source');
    await writeFile(source, 'bytes');
    await driver.write('a/b', source, { contentType: 'image/png' });
    const object = await driver.read('a/b');
    return object && String(await buffer(object.stream));
  };

  it('of S3 is reached through the proxy', async () => {
    const server = await startS3TestServer();
    vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey);
    proxy.lead('s3.test', Number(new URL(server.url).port));
    const { bucket } = server;
    const options = { bucket, prefix: '', endpoint: 'http://s3.test', forcePathStyle: true, proxies };
    expect(await write(createS3Driver(options))).toBe('bytes');
    expect(proxy.calls.map((call) => call.replace(/\?.*/, ''))).toEqual([
      `PUT http://s3.test/${bucket}/a/b`,
      `GET http://s3.test/${bucket}/a/b`,
    ]);
    await server.close();
  });

  it('of Google Cloud Storage is reached through the proxy, which its SDK finds in the environment', async () => {
    const server = await startGcsTestServer();
    vi.stubEnv('HTTP_PROXY', proxy.url);
    proxy.lead('gcs.test', Number(new URL(server.url).port));
    const driver = createGcsDriver({ bucket: server.bucket, prefix: '', endpoint: 'http://gcs.test', proxies });
    expect(await write(driver)).toBe('bytes');
    expect(proxy.calls.filter((call) => call.includes('http://gcs.test/')).length).toBeGreaterThan(1);
    vi.unstubAllEnvs();
    await server.close();
  });
});
