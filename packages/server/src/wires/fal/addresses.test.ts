import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { toFullPath } from './addresses.ts';

const app = 'fal-ai/nano-banana-pro';
const toPath = (url: string, headers: IncomingHttpHeaders) =>
  toFullPath(url, headers, () => 'https://queue.darkroom.example');

describe('the addresses of fal’s clients', () => {
  it.for([
    [
      'https://queue.fal.run/fal-ai/x?fal_webhook=https%3A%2F%2Fa.b',
      '/fal/queue/fal-ai/x?fal_webhook=https%3A%2F%2Fa.b',
    ],
    [`https://fal.run/${app}/edit`, `/fal/run/${app}/edit`],
    [
      'https://rest.fal.ai/storage/upload/initiate?storage_type=gcs',
      '/fal/rest/storage/upload/initiate?storage_type=gcs',
    ],
    ['https://queue.fal.run/../../api/v1/admin', '/fal/queue/api/v1/admin'],
    ['https://queue.fal.run.example/fal-ai/x', '/fal/proxy'],
    ['not an address', '/fal/proxy'],
  ])('are in the header of a proxied call: %s', ([target = '', path]) => {
    expect(toPath('/fal/proxy', { 'x-fal-target-url': target })).toBe(path);
    expect(toPath('/api/fal/proxy?x=1', { 'x-fal-target-url': target })).toBe(path);
  });

  it.for([
    ['fal.run', `/${app}`, `/fal/run/${app}`],
    ['queue.fal.run:443', `/${app}/requests/1/status`, `/fal/queue/${app}/requests/1/status`],
    ['v3.fal.media', '/files/upload', '/fal/storage/files/upload'],
    ['queue.fal.example', `/${app}`, `/fal/queue/${app}`],
    ['fal.example', `/${app}`, `/fal/run/${app}`],
    // The service itself.
    ['queue.darkroom.example', `/${app}`, `/fal/run/${app}`],
    ['queue.queue.darkroom.example', `/${app}`, `/fal/queue/${app}`],
    ['fal.example', `/${app}/requests/1`, `/fal/queue/${app}/requests/1`],
    ['fal.example', '/storage/auth/token?storage_type=x', '/fal/rest/storage/auth/token?storage_type=x'],
    ['fal.example', `/fal/${app}`, `/fal/run/${app}`],
  ])('are told by the host %s and the path %s', ([host, path = '', full]) => {
    expect(toPath(path, { host })).toBe(full);
  });

  it.for([
    ['fal.run', '/media/a.png'],
    ['fal.run', `/fal/queue/${app}/requests/1`],
    ['darkroom.example', '/v1/models'],
    ['darkroom.example', '/falcon'],
  ])('stay as they are otherwise: %s %s', ([host, path = '']) => {
    expect(toPath(path, { host, 'x-fal-target-url': 'https://fal.run/x' })).toBe(path);
  });
});
