import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedDnsServer } from '../../../test/fakes/scripted-dns-server.ts';
import { ScriptedServer } from '../../../test/fakes/scripted-server.ts';
import { AllowedHosts } from '../../outbound/allowed-hosts.ts';
import { checkTarget, type FetchTarget } from '../../outbound/fetch-target.ts';
import { createDnsLookup, lookupBySystem } from '../../outbound/lookup.ts';
import { systemClock } from '../../platform/clock.ts';
import { defaultFetchLimits, type FetchLimits } from './fetch-limits.ts';
import { createReferenceFetcher, type FetchedReference, type ReferenceFetcher } from './reference-fetcher.ts';

const png = Buffer.from('\x89PNG\r\n\x1a\nand more', 'latin1');
const notPublic = 'its host is not on the public internet';

let folder: string;
let dns: ScriptedDnsServer;
let server: ScriptedServer;
const fetchers: ReferenceFetcher[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-spool-'));
  dns = await ScriptedDnsServer.start();
  server = await ScriptedServer.start();
  server.answerBody(png);
});

afterEach(async () => {
  for (const fetcher of fetchers.splice(0)) await fetcher.close();
  await server.close();
  await dns.close();
  await rm(folder, { recursive: true, force: true });
});

/** Checks without connecting: only here may a test use an address of the public internet. */
async function check(url: string): Promise<FetchTarget> {
  const lookup = createDnsLookup([dns.address]);
  const rules = { purpose: 'references', allowedHosts: new AllowedHosts([]), ports: defaultFetchLimits.ports, lookup };
  return await checkTarget(url, rules, new AbortController().signal);
}

async function fetchWith(
  url: string,
  allowPrivateHosts: readonly string[],
  limits: Partial<FetchLimits> = {},
): Promise<FetchedReference> {
  const clock = { now: () => systemClock.now(), sleep: async () => {} };
  const lookup = createDnsLookup([dns.address]);
  const fetcher = createReferenceFetcher({ allowPrivateHosts, clock, chance: () => 0, lookup, limits });
  fetchers.push(fetcher);
  return await fetcher.fetch(url, { folder, signal: new AbortController().signal });
}

describe('a name', () => {
  it('leads to all the addresses that were checked, of both families', async () => {
    dns.answer('pictures.test', ['8.8.8.8', '9.9.9.9', '2001:4860:4860::8888']);
    const { url, addresses } = await check('https://Pictures.test./cat.png');
    expect(url.href).toBe('https://pictures.test/cat.png');
    expect([...addresses].sort()).toEqual(['2001:4860:4860::8888', '8.8.8.8', '9.9.9.9']);
  });

  it('is refused when it was public a moment ago', async () => {
    dns.answer('rebinding.test', (times) => (times === 1 ? ['8.8.8.8'] : ['127.0.0.1']));
    expect((await check('http://rebinding.test/')).addresses).toEqual(['8.8.8.8']);
    await expect(check('http://rebinding.test/')).rejects.toThrow(notPublic);
  });

  it('needs only one family, even when the server fails for the other', async () => {
    dns.answer('six.test', ['2001:4860:4860::8888']);
    expect((await check('http://six.test/')).addresses).toEqual(['2001:4860:4860::8888']);
  });

  it.each(['8.8.8.8', '2001:4860:4860::8888'])('is not looked up when it is the address %s', async (address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    expect((await check(`http://${host}/`)).addresses).toEqual([address]);
    expect(dns.questions).toEqual([]);
  });

  it('that does not exist is not looked up again', async () => {
    expect(await fetchWith('http://missing.test/', [])).toEqual({
      kind: 'failed',
      reason: 'its host name does not exist',
    });
    expect(dns.questions.sort()).toEqual(['A missing.test', 'AAAA missing.test']);
  });

  it('is looked up again when the name server fails', async () => {
    dns.answer('pictures.test', (times) => (times > 2 ? ['127.0.0.1'] : 'servfail'));
    const fetched = await fetchWith(`http://pictures.test:${server.port}/`, ['pictures.test']);
    expect(fetched.kind).toBe('fetched');
  });

  it('may not take longer than the total time', async () => {
    dns.answer('silent.test', () => 'silence');
    const reason = 'it took longer than 0.1 seconds';
    expect(await fetchWith('http://silent.test/', [], { totalMs: 100 })).toEqual({ kind: 'failed', reason });
  });
});

describe('the connection', () => {
  it('goes to the address that was checked, without a second lookup, and uses its name', async () => {
    // A second lookup would find nothing.
    dns.answer('rebinding.test', (times) => (times === 1 ? ['127.0.0.1'] : ['127.0.0.9']));
    const host = `rebinding.test:${server.port}`;
    expect(await fetchWith(`http://${host}/`, [host])).toMatchObject({ kind: 'fetched' });
    expect(dns.questions.sort()).toEqual(['A rebinding.test', 'AAAA rebinding.test']);
    expect(server.requests[0]?.headers.host).toBe(host);
  });

  it('is not reused from an earlier reference with the same name', async () => {
    dns.answer('pictures.test', ['127.0.0.1']);
    const host = `pictures.test:${server.port}`;
    for (let fetches = 1; fetches <= 2; fetches += 1) {
      await fetchWith(`http://${host}/`, [host]);
      expect(server.connections).toBe(fetches);
    }
    expect(dns.questions).toHaveLength(4);
  });

  it('is made again at every hop', async () => {
    dns.answer('first.test', ['127.0.0.1']);
    dns.answer('second.test', ['10.0.0.1']);
    server.answer((response) => response.writeHead(302, { location: 'http://second.test/' }).end());
    const reason = `it redirects to a URL that cannot be fetched: ${notPublic}`;
    expect(await fetchWith(`http://first.test:${server.port}/`, ['first.test'])).toEqual({ kind: 'failed', reason });
  });
});

describe('an allowed host', () => {
  it.each([['pictures.test'], ['PICTURES.test.'], [' pictures.test:PORT '], ['127.0.0.1:1', 'pictures.test:PORT']])(
    'may be private and have its own port: %s',
    async (...entries) => {
      dns.answer('pictures.test', ['127.0.0.1']);
      const allowed = entries.map((entry) => entry.replace('PORT', String(server.port)));
      expect(await fetchWith(`http://pictures.test:${server.port}/`, allowed)).toMatchObject({ kind: 'fetched' });
    },
  );

  it.each([
    ['pictures.test:PORT', 'http://pictures.test/', notPublic],
    ['pictures.test', 'http://www.pictures.test:PORT/', /^port \d+ is not allowed for references$/],
    ['pictures.test', 'http://127.0.0.1/', notPublic],
    ['pictures.test', 'ftp://pictures.test/', 'it is not an http or https URL'],
    ['pictures.test', 'http://user:secret@pictures.test/', 'it contains a user name or a password'],
    ['localhost:1', 'http://localhost/', notPublic],
  ])('opens nothing else: %s for %s', async (entry, url, reason) => {
    dns.answer('pictures.test', ['127.0.0.1']);
    const withPort = (text: string) => text.replace('PORT', String(server.port));
    const fetched = await fetchWith(withPort(url), [withPort(entry)]);
    expect(fetched).toEqual({ kind: 'failed', reason: expect.stringMatching(reason) });
    expect(server.connections).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['::1', 'http://pictures.test', 'a b', '', 'pictures.test:', 'user@pictures.test', '*.test', 'a/b'])(
    'is refused when it is invalid: %j',
    (entry) => {
      expect(() => new AllowedHosts([entry])).toThrow(TypeError);
    },
  );

  it.each(['[::1]', '[::1]:8080', '127.0.0.1', 'localhost:80', 'a-b.c_d.test'])('is read: %s', (entry) => {
    expect(() => new AllowedHosts([entry])).not.toThrow();
  });

  it('is found in any spelling of its address', () => {
    const hosts = new AllowedHosts(['0x7f.1:8080', '[0:0::1]']);
    expect(hosts.has('127.0.0.1', 8080)).toBe(true);
    expect(hosts.has('127.0.0.1', 80)).toBe(false);
    expect(hosts.has('[::1]', 1)).toBe(true);
  });
});

describe('the system lookup', () => {
  it('knows the names that only this machine knows', async () => {
    const addresses = await lookupBySystem('localhost', new AbortController().signal);
    expect(addresses.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
  });

  it('ends with its signal', async () => {
    const reason = new Error('enough');
    await expect(lookupBySystem('localhost', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
