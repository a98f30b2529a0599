import { describe, expect, it } from 'vitest';
import { toHttpsUrl } from './gs-uri.ts';

const root = 'https://storage.googleapis.com';

describe('toHttpsUrl', () => {
  it.each([
    ['gs://cats/one.png', `${root}/cats/one.png`],
    ['gs://cats/a/b/c.png', `${root}/cats/a/b/c.png`],
    ['gs://my-bucket_1.example.com/x', `${root}/my-bucket_1.example.com/x`],
    ['gs://cats/a b.png', `${root}/cats/a%20b.png`],
    ['gs://cats/what?.png', `${root}/cats/what%3F.png`],
    ['gs://cats/no#1.png', `${root}/cats/no%231.png`],
    ['gs://cats/100%25.png', `${root}/cats/100%2525.png`],
    ['gs://cats/日本.png', `${root}/cats/%E6%97%A5%E6%9C%AC.png`],
    ['gs://cats//double//slash', `${root}/cats//double//slash`],
    ['gs://cats/a\\b', `${root}/cats/a%5Cb`],
    ['gs://cats/a\nb', `${root}/cats/a%0Ab`],
    ['gs://cats/a/../b', `${root}/cats/a%2F..%2Fb`],
    ['gs://cats/./b', `${root}/cats/.%2Fb`],
    ['gs://cats/..b/b..', `${root}/cats/..b/b..`],
  ])('gives %j its public address, which URL leaves as it is', (uri, url) => {
    expect(toHttpsUrl(uri)).toBe(url);
    expect(new URL(url).href).toBe(url);
  });

  it.each([
    'gs://cats',
    'gs://cats/',
    'gs:///one.png',
    'gs://Cats/one.png',
    'gs://../one.png',
    'gs://a@b/one.png',
    'gs://cats:80/one.png',
    'gs://cats/..',
    'gs://cats/.',
    'gs://cats/\ud800',
    'https://cats/one.png',
    '',
  ])('takes %j for no such URI', (uri) => {
    expect(toHttpsUrl(uri)).toBeUndefined();
  });
});
