import { describe, expect, it } from 'vitest';
import { Proxies } from './proxies.ts';

const httpsProxy = 'http://proxy.internal:3128';
const httpProxy = 'http://other.internal:8080';

function find(url: string, noProxy: readonly string[] = []): string | undefined {
  return new Proxies({ httpsProxy, httpProxy, noProxy }).find(new URL(url));
}

describe('the proxy of a call', () => {
  it('is that of its protocol', () => {
    expect(find('https://example.com/')).toBe(httpsProxy);
    expect(find('http://example.com/')).toBe(httpProxy);
    expect(new Proxies({ httpsProxy }).find(new URL('http://example.com/'))).toBeUndefined();
  });

  it.each(['http://localhost:4600/', 'http://a.localhost/', 'https://127.0.0.9/', 'http://[::1]:80/'])(
    'never leads to this machine: %s',
    (url) => expect(find(url)).toBeUndefined(),
  );

  it.each([
    ['https://example.com/', 'example.com'],
    ['https://example.com./', 'example.com'],
    ['https://a.b.example.com/', 'example.com'],
    ['https://example.com/', '.example.com'],
    ['https://a.example.com/', '*.example.com'],
    ['https://a.example.com/', 'EXAMPLE.com'],
    ['https://example.com/', 'example.com:443'],
    ['https://example.com:8443/', 'example.com:8443'],
    ['https://10.1.2.3/', '10.0.0.0/8'],
    ['https://10.1.2.3/', '10.1.2.3'],
    ['https://[fd00::7]/', 'fd00::/8'],
    ['https://[fd00::7]:8443/', '[fd00::7]:8443'],
    ['https://[fd00::7]/', 'fd00::7'],
    ['https://anything.test/', '*'],
  ])('is left out for %s by %s', (url, entry) => expect(find(url, ['other.test', entry])).toBeUndefined());

  it.each([
    ['https://badexample.com/', 'example.com'],
    ['https://example.com/', 'a.example.com'],
    ['https://example.com/', 'example.com:8443'],
    ['https://11.1.2.3/', '10.0.0.0/8'],
    ['https://1.10.1.2/', '10.1.2'],
    ['https://example.com/', '10.0.0.0/8'],
    ['https://10.0.0.1/', '10.0.0.0/99'],
    ['https://example.com/', 'nonsense/8'],
    ['https://[fd00::7]/', '10.0.0.0/8'],
  ])('is used for %s in spite of %s', (url, entry) => expect(find(url, [entry])).toBe(httpsProxy));
});
