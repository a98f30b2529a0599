import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { loadConfig } from '../config/load-config.ts';
import { createLogger } from '../platform/logger.ts';
import { version } from '../platform/version.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { noteSettings } from './note-settings.ts';

describe('the settings at start', () => {
  let store: Store;
  const clock = new ManualClock();
  beforeEach(() => {
    store = openSqliteStore({ file: ':memory:' });
  });
  afterEach(() => store.close());

  const start = (env: Record<string, string>, audit = store.audit) =>
    noteSettings(loadConfig({ env, flags: {}, folder: '/' }), { audit, clock, logger: createLogger('silent') });
  const list = async () => (await store.audit.list({ limit: 9 })).entries;

  it('are in the audit log when they have changed since the last start of the role', async () => {
    await start({ DARKROOM_CONCURRENCY: '3' });
    await start({ DARKROOM_CONCURRENCY: '3' });
    const worker = { DARKROOM_ROLE: 'worker', DARKROOM_PUBLIC_URL: 'https://pictures.example' };
    await start(worker);
    await start({ DARKROOM_CONCURRENCY: '4' });
    await start(worker);
    expect((await list()).map(({ target, before, after }) => ({ target, before, after }))).toEqual([
      {
        target: 'all',
        before: { version, DARKROOM_CONCURRENCY: '3' },
        after: { version, DARKROOM_CONCURRENCY: '4' },
      },
      { target: 'worker', before: undefined, after: { version, ...worker } },
      { target: 'all', before: undefined, after: { version, DARKROOM_CONCURRENCY: '3' } },
    ]);
  });

  it('are there without secrets', async () => {
    const secrets = {
      GEMINI_API_KEY: 'key-that-is-secret',
      DARKROOM_API_KEY: 'dk_that_is_secret',
      DATABASE_URL: 'postgres://me:secret@database/darkroom',
      HTTPS_PROXY: 'http://me:secret@proxy.example:3128',
    };
    await start({
      ...secrets,
      DARKROOM_STORAGE: 's3://bucket/prefix?region=eu-central-1',
      DARKROOM_MODERATION_URL: 'https://moderator.example/check?token=secret',
    });
    const [entry] = await list();
    expect(entry?.after).toMatchObject({
      ...Object.fromEntries(Object.keys(secrets).map((name) => [name, 'set'])),
      DARKROOM_STORAGE: 's3://bucket/prefix?region=eu-central-1',
      DARKROOM_MODERATION_URL: 'https://moderator.example/check',
    });
    expect(JSON.stringify(entry)).not.toContain('secret');
  });

  it('keep nobody from starting when they cannot be noted', async () => {
    const record = () => Promise.reject(new Error('The disk is full.'));
    await start({}, { ...store.audit, record });
    expect(await list()).toEqual([]);
  });
});
