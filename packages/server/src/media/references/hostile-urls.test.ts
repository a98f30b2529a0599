import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedDnsServer } from '../../../test/fakes/scripted-dns-server.ts';
import { listen, ScriptedServer } from '../../../test/fakes/scripted-server.ts';
import { createDnsLookup } from '../../outbound/lookup.ts';
import { systemClock } from '../../platform/clock.ts';
import { createReferenceFetcher, type FetchedReference, type ReferenceFetcher } from './reference-fetcher.ts';

const notPublic = 'its host is not on the public internet';
const closedPort = /^port \d+ is not allowed for references$/;
const noUrl = 'it is not a URL';
const otherScheme = 'it is not an http or https URL';
const credentials = 'it contains a user name or a password';
const missing = 'its host name does not exist';

/** `PORT` is where the sentinel listens, on every address of the machine. The fetchers of this file may use that port. */
const hostileUrls: readonly (readonly [url: string, reason: string | RegExp])[] = [
  // loopback, in every spelling of an IPv4 address
  ['http://127.0.0.1:PORT/', notPublic],
  ['https://127.0.0.1:PORT/', notPublic],
  ['http://127.0.0.1.:PORT/', notPublic],
  ['http://127.0.0.2:PORT/', notPublic],
  ['http://127.255.255.254:PORT/', notPublic],
  ['http://127.1:PORT/', notPublic],
  ['http://127.0.1:PORT/', notPublic],
  ['http://2130706433:PORT/', notPublic],
  ['http://2130706433.:PORT/', notPublic],
  ['http://0x7f000001:PORT/', notPublic],
  ['http://0X7F.0x0.0x0.0x1:PORT/', notPublic],
  ['http://0x7f.1:PORT/', notPublic],
  ['http://017700000001:PORT/', notPublic],
  ['http://0177.0.0.01:PORT/', notPublic],
  ['http://00000177.0.0.1:PORT/', notPublic],
  ['http://0177.0x0.0.1:PORT/', notPublic],
  ['http://%31%32%37.0.0.1:PORT/', notPublic],
  ['http://127%2e0%2e0%2e1:PORT/', notPublic],
  ['http://%30x7f000001:PORT/', notPublic],
  ['http://１２７.０.０.１:PORT/', notPublic],
  ['http://①②⑦.⓪.⓪.①:PORT/', notPublic],
  ['http://127。0。0。1:PORT/', notPublic],
  ['http://127\u00ad.0.0.1:PORT/', notPublic],
  ['http:\\\\127.0.0.1:PORT\\', notPublic],
  ['http:127.0.0.1:PORT', notPublic],
  ['http:////127.0.0.1:PORT/', notPublic],
  ['  http://127.0.0.1:PORT/  ', notPublic],
  ['ht\ntp://127.0.\t0.1:PORT/', notPublic],
  ['HTTP://127.0.0.1:PORT/cat.png', notPublic],
  ['http://4294967297:PORT/', noUrl],
  ['http://127.0.0.256:PORT/', noUrl],
  ['http://127.0.0.1.1:PORT/', noUrl],
  // this host, which reaches the loopback
  ['http://0.0.0.0:PORT/', notPublic],
  ['http://0:PORT/', notPublic],
  ['http://0x0:PORT/', notPublic],
  ['http://0.1.2.3:PORT/', notPublic],
  // the other closed ranges of IPv4
  ['http://10.0.0.1/', notPublic],
  ['http://10.255.255.255:PORT/', notPublic],
  ['http://167772161/', notPublic],
  ['http://172.16.0.1/', notPublic],
  ['http://172.31.255.255/', notPublic],
  ['http://192.168.0.1/', notPublic],
  ['http://0xc0.0xa8.1/', notPublic],
  ['http://100.64.0.1/', notPublic],
  ['http://100.127.255.255/', notPublic],
  ['http://169.254.1.1/', notPublic],
  ['http://192.0.0.1/', notPublic],
  ['http://192.0.2.1/', notPublic],
  ['http://192.88.99.1/', notPublic],
  ['http://198.18.0.1/', notPublic],
  ['http://198.51.100.1/', notPublic],
  ['http://203.0.113.1/', notPublic],
  ['http://224.0.0.1/', notPublic],
  ['http://239.255.255.250/', notPublic],
  ['http://240.0.0.1/', notPublic],
  ['http://255.255.255.255/', notPublic],
  // cloud metadata
  ['http://169.254.169.254/latest/meta-data/', notPublic],
  ['http://2852039166/latest/meta-data/', notPublic],
  ['http://0xa9fea9fe/', notPublic],
  ['http://0251.0376.0251.0376/', notPublic],
  ['http://169.254.43518/', notPublic],
  ['http://[::ffff:169.254.169.254]/', notPublic],
  ['http://[fd00:ec2::254]/latest/meta-data/', notPublic],
  ['http://[fd20:ce::254]/', notPublic],
  ['http://100.100.100.200/', notPublic],
  ['http://192.0.0.192/', notPublic],
  ['http://168.63.129.16/', notPublic],
  ['http://metadata.google.internal/computeMetadata/v1/', notPublic],
  ['http://METADATA.google.internal./', notPublic],
  // IPv6
  ['http://[::1]:PORT/', notPublic],
  ['http://[0:0:0:0:0:0:0:1]:PORT/', notPublic],
  ['http://[0000::0001]:PORT/', notPublic],
  ['http://[::]:PORT/', notPublic],
  ['http://[::127.0.0.1]:PORT/', notPublic],
  ['http://[::ffff:127.0.0.1]:PORT/', notPublic],
  ['http://[::FFFF:7F00:1]:PORT/', notPublic],
  ['http://[0:0:0:0:0:ffff:7f00:0001]:PORT/', notPublic],
  ['http://[::ffff:0.0.0.0]:PORT/', notPublic],
  ['http://[::ffff:8.8.8.8]:PORT/', notPublic],
  ['http://[::ffff:0:127.0.0.1]:PORT/', notPublic],
  ['http://[64:ff9b::127.0.0.1]:PORT/', notPublic],
  ['http://[64:ff9b::a00:1]:PORT/', notPublic],
  ['http://[64:ff9b:1::1]:PORT/', notPublic],
  ['http://[2002:7f00:1::]:PORT/', notPublic],
  ['http://[2002:a9fe:a9fe::1]:PORT/', notPublic],
  ['http://[2001:0:53aa:64c:0:0:80ff:fffe]:PORT/', notPublic],
  ['http://[2001:db8::1]:PORT/', notPublic],
  ['http://[fc00::1]:PORT/', notPublic],
  ['http://[fdff::1]:PORT/', notPublic],
  ['http://[fe80::1]:PORT/', notPublic],
  ['http://[fec0::1]:PORT/', notPublic],
  ['http://[ff02::1]:PORT/', notPublic],
  ['http://[100::1]:PORT/', notPublic],
  ['http://[::1%25lo]:PORT/', noUrl],
  ['http://[fe80::1%25eth0]:PORT/', noUrl],
  ['http://[fe80::1%eth0]:PORT/', noUrl],
  ['http://[::1:PORT/', noUrl],
  ['http://::1:PORT/', noUrl],
  // names
  ['http://localhost:PORT/', notPublic],
  ['http://LOCALHOST:PORT/', notPublic],
  ['http://localhost.:PORT/', notPublic],
  ['http://localhost..:PORT/', notPublic],
  ['http://ｌｏｃａｌｈｏｓｔ:PORT/', notPublic],
  ['http://%6cocalhost:PORT/', notPublic],
  ['http://a.b.localhost:PORT/', notPublic],
  ['http://a.localhost.:PORT/', notPublic],
  ['http://loopback.test:PORT/', notPublic],
  ['http://loopback.test.:PORT/', notPublic],
  ['http://LOOPBACK.test:PORT/', notPublic],
  ['http://six.test:PORT/', notPublic],
  ['http://mapped.test:PORT/', notPublic],
  ['http://translated.test:PORT/', notPublic],
  ['http://unspecified.test:PORT/', notPublic],
  ['http://private.test/', notPublic],
  ['http://mixed.test:PORT/', notPublic],
  ['http://mixed-last.test:PORT/', notPublic],
  ['http://mixed-families.test:PORT/', notPublic],
  ['http://missing.test:PORT/', missing],
  // ports
  ['http://loopback.test:22/', closedPort],
  ['http://8.8.8.8:8080/', closedPort],
  ['https://8.8.8.8:6379/', closedPort],
  ['http://8.8.8.8:0/', closedPort],
  ['http://127.0.0.1:65535/', closedPort],
  ['http://8.8.8.8:99999/', noUrl],
  // credentials
  ['http://user@127.0.0.1:PORT/', credentials],
  ['http://user:secret@127.0.0.1:PORT/', credentials],
  ['http://:secret@127.0.0.1:PORT/', credentials],
  ['http://8.8.8.8@127.0.0.1:PORT/', credentials],
  ['http://8.8.8.8:80@127.0.0.1:PORT/', credentials],
  ['http://8.8.8.8%2f@127.0.0.1:PORT/', credentials],
  // other schemes, and strings that are not URLs
  ['ftp://127.0.0.1:PORT/', otherScheme],
  ['file:///etc/passwd', otherScheme],
  ['file://127.0.0.1/etc/passwd', otherScheme],
  ['gopher://127.0.0.1:PORT/_GET', otherScheme],
  ['dict://127.0.0.1:PORT/', otherScheme],
  ['ws://127.0.0.1:PORT/', otherScheme],
  ['unix:///run/docker.sock', otherScheme],
  ['javascript:alert(1)', otherScheme],
  ['blob:http://127.0.0.1:PORT/1', otherScheme],
  ['view-source:http://127.0.0.1:PORT/', otherScheme],
  ['jar:http://127.0.0.1:PORT/!/', otherScheme],
  ['//127.0.0.1:PORT/', noUrl],
  ['127.0.0.1', noUrl],
  ['http://', noUrl],
  ['http:///', noUrl],
  ['http://a b/', noUrl],
  ['http://127.0.0.1%00.test:PORT/', noUrl],
  ['', noUrl],
];

const records: Readonly<Record<string, readonly string[]>> = {
  'loopback.test': ['127.0.0.1'],
  'six.test': ['::1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'translated.test': ['64:ff9b::7f00:1'],
  'unspecified.test': ['0.0.0.0'],
  'private.test': ['10.1.2.3'],
  'mixed.test': ['127.0.0.1', '8.8.8.8'],
  'mixed-last.test': ['8.8.8.8', '9.9.9.9', '127.0.0.1'],
  'mixed-families.test': ['8.8.8.8', '::1'],
  'metadata.google.internal': ['169.254.169.254'],
};

let folder: string;
let dns: ScriptedDnsServer;
let sentinel: Server;
let port: number;
let visits = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-spool-'));
  dns = await ScriptedDnsServer.start();
  for (const [name, addresses] of Object.entries(records)) dns.answer(name, addresses);
  sentinel = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  port = await listen(sentinel, '::').catch(() => listen(sentinel, '0.0.0.0'));
});

beforeEach(() => {
  visits = 0;
});

afterAll(async () => {
  sentinel.close();
  await dns.close();
  await rm(folder, { recursive: true, force: true });
});

function createFetcher(...allowPrivateHosts: string[]): ReferenceFetcher {
  return createReferenceFetcher({
    allowPrivateHosts,
    clock: systemClock,
    chance: () => 0,
    lookup: createDnsLookup([dns.address]),
    limits: { ports: [80, 443, port], maxTries: 1 },
  });
}

async function fetchOnce(fetcher: ReferenceFetcher, url: string): Promise<FetchedReference> {
  return await fetcher.fetch(url, { folder, signal: new AbortController().signal });
}

describe('a hostile URL', () => {
  it.each(hostileUrls)('is refused without a connection: %j', async (url, reason) => {
    const fetcher = createFetcher();
    const fetched = await fetchOnce(fetcher, url.replaceAll('PORT', String(port)));
    expect(fetched).toEqual({ kind: 'failed', reason: expect.stringMatching(toPattern(reason)) });
    expect(visits).toBe(0);
    await fetcher.close();
  });

  it('is also refused when a redirect leads there', async () => {
    const server = await ScriptedServer.start();
    const fetcher = createFetcher(`127.0.0.1:${server.port}`);
    // These are relative to the redirecting server and do no harm.
    const absolute = hostileUrls.filter(([url]) => /^\s*[a-z-]+:/i.test(url) && !/[\n\t]|^http:[^/\\]/.test(url));
    for (const [url, reason] of absolute) {
      const location = url.replaceAll('PORT', String(port));
      // As UTF-8 bytes.
      const headers = { location: Buffer.from(location).toString('latin1') };
      server.answer((response) => response.writeHead(302, headers).end());
      const fetched = await fetchOnce(fetcher, `${server.origin}/cat.png`);
      const expected =
        reason === noUrl
          ? 'it redirects to something that is not a URL'
          : `^it redirects to a URL that cannot be fetched: ${toPattern(reason).source.replace('^', '')}`;
      expect(fetched, url).toEqual({ kind: 'failed', reason: expect.stringMatching(expected) });
    }
    expect(absolute.length).toBeGreaterThan(100);
    expect(server.requests).toHaveLength(absolute.length);
    expect(visits).toBe(0);
    await fetcher.close();
    await server.close();
  });

  it('leaves no file', async () => {
    expect(await readdir(folder)).toEqual([]);
  });

  it('would have been noticed if it had led to a connection', async () => {
    const fetcher = createFetcher('127.0.0.1', 'loopback.test');
    await fetchOnce(fetcher, `http://2130706433:${port}/`);
    expect(visits).toBe(1);
    await fetchOnce(fetcher, `http://loopback.test:${port}/`);
    expect(visits).toBe(2);
    await fetcher.close();
  });
});

function toPattern(reason: string | RegExp): RegExp {
  return typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason;
}
