import { describe, expect, it } from 'vitest';
import { toFullPath } from './addresses.ts';

const call = '/v1beta/models/m:generateContent';

describe('the addresses of Gemini clients', () => {
  it.each([
    '/v1/models/m:generateContent',
    '/v1beta/models/m:generateContent',
    '/v1alpha/models/m:generateContent',
    '/models/m:generateContent',
    '/v1beta/v1/models/m:generateContent',
    '/v1/v1beta/models/m:generateContent',
    '/v1/models/models/m:generateContent',
    '/v1beta/tunedModels/m:generateContent',
    '/v1beta/models/m%3AgenerateContent',
    '/v1beta1/projects/p/locations/global/publishers/google/models/m:generateContent',
    '/v1beta1/publishers/google/models/m:generateContent',
    '/v1/models/publishers/google/models/m:generateContent',
  ])('%s calls a model', (url) => {
    expect(toFullPath(url, {})).toBe(call);
    expect(toFullPath(`${url}?alt=sse&key=k`, {})).toBe(`${call}?alt=sse&key=k`);
  });

  it('keep the strokes of an alias', () => {
    const url = '/v1/models/google/nano-banana-pro:streamGenerateContent';
    expect(toFullPath(url, {})).toBe('/v1beta/models/google/nano-banana-pro:streamGenerateContent');
  });

  it('are those of other wires, unless the key comes as Google’s do', () => {
    for (const url of ['/v1/models', '/v1/models/m', '/v1/files/f', '/models']) {
      expect(toFullPath(url, { authorization: 'Bearer k' })).toBe(url);
      const own = url.replace(/^(\/v1)?/, '/v1beta');
      expect(toFullPath(url, { 'x-goog-api-key': 'k' })).toBe(own);
      expect(toFullPath(`${url}?key=k`, {})).toBe(`${own}?key=k`);
    }
    expect(toFullPath('/v1beta/models', { authorization: 'Bearer k' })).toBe('/v1beta/models');
  });

  it.each(['/upload/v1/files', '/v1beta/upload/v1beta/files', '/upload/files'])('%s begins an upload', (url) => {
    expect(toFullPath(url, {})).toBe('/upload/v1beta/files');
  });

  it.each([
    '/api/v1/models/m',
    '/v1/models/owner/name/predictions',
    '/v1/images/generations',
    '/v1beta/interactions',
    '/v1/models/owner/name/versions/1:2',
    '/media/a.png',
    '/',
    '',
  ])('%s stays as it is', (url) => {
    expect(toFullPath(url, { 'x-goog-api-key': 'k' })).toBe(url.replace(/^\/v1\/models/, '/v1beta/models'));
  });
});
