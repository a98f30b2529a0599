import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listen } from '../../../test/fakes/scripted-server.ts';
import { createSelfSignedCertificate } from '../../../test/fakes/self-signed-certificate.ts';
import { systemClock } from '../../platform/clock.ts';
import { createReferenceFetcher, type FetchedReference, type ReferenceFetcher } from './reference-fetcher.ts';

const png = Buffer.from('\x89PNG\r\n\x1a\nand more', 'latin1');
const certificate = createSelfSignedCertificate('pictures.test');
const trusted = getCACertificates('default');
const insecure = { kind: 'failed', reason: 'a secure connection to the server could not be made' };

let folder: string;
let server: Server;
let port: number;
let fetcher: ReferenceFetcher;
let requests: number;
let askedNames: string[];

beforeEach(async () => {
  requests = 0;
  askedNames = [];
  folder = await mkdtemp(join(tmpdir(), 'darkroom-spool-'));
  server = createServer({ ...certificate, SNICallback: (name, done) => done(null, void askedNames.push(name)) });
  server.on('request', (_, response) => {
    requests += 1;
    response.end(png);
  });
  port = await listen(server);
  fetcher = createReferenceFetcher({
    allowPrivateHosts: ['pictures.test', 'other.test', '127.0.0.1'],
    clock: systemClock,
    chance: () => 0,
    lookup: async () => ['127.0.0.1'],
  });
});

afterEach(async () => {
  setDefaultCACertificates(trusted);
  await fetcher.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function fetchFrom(host: string): Promise<FetchedReference> {
  return await fetcher.fetch(`https://${host}:${port}/`, { folder, signal: new AbortController().signal });
}

it('asks for the name in the URL at the address that was checked, and accepts its certificate', async () => {
  setDefaultCACertificates([...trusted, certificate.cert]);
  expect(await fetchFrom('pictures.test')).toMatchObject({ kind: 'fetched', file: { bytes: png.length } });
  expect(await fetchFrom('pictures.test.')).toMatchObject({ kind: 'fetched' });
  expect(askedNames).toEqual(['pictures.test', 'pictures.test']);
});

it.each(['other.test', '127.0.0.1'])('refuses a certificate for another name: %s', async (host) => {
  setDefaultCACertificates([...trusted, certificate.cert]);
  expect(await fetchFrom(host)).toEqual(insecure);
  expect(requests).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

it('refuses a certificate that no authority vouches for', async () => {
  expect(await fetchFrom('pictures.test')).toEqual(insecure);
  expect(requests).toBe(0);
});
