import { expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import type { KeyStore } from '../store/key-store.ts';
import { createHealthApp } from './health-app.ts';

it('a worker shows its metrics to admin keys, and its health to everybody', async () => {
  // No key of the store is asked for: a text that cannot be a key's is refused before.
  const keys = {} as KeyStore;
  const app = await createHealthApp({
    health: { checks: {}, damage: () => ({}) },
    metrics: { contentType: 'text/plain', read: async () => 'darkroom_build_info 1\n' },
    authentication: {
      keys,
      organizations: { find: async () => undefined },
      configuredKey: 'configured-key',
      keyUse: { note: () => undefined },
      clock: systemClock,
    },
    logger: createLogger('silent'),
  });
  const read = (key: string) => app.inject({ url: '/metrics', headers: { authorization: `Bearer ${key}` } });
  expect((await read('configured-key')).body).toBe('darkroom_build_info 1\n');
  const refused = await read('wrong');
  expect([refused.statusCode, refused.json()]).toEqual([401, expect.objectContaining({ code: 'unauthorized' })]);
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  await app.close();
});
