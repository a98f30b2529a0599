import { expect, it, vi } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { createLogger } from '../platform/logger.ts';
import { start } from '../store/contract/fixtures.ts';
import { toNewSession, toPersonRow } from '../store/contract/sessions.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { createSessionSweeper } from './session-sweeper.ts';

it('forgets sessions some time after they have ended', async () => {
  const store = openSqliteStore({ file: ':memory:' });
  const clock = new ManualClock(start + 1_000);
  const sessions = Array.from({ length: 3 }, (_, index) => toNewSession({ endsAt: start + 10 * (index + 1) }));
  for (const session of sessions) await store.sessions.begin(session, toPersonRow());
  const sweeper = createSessionSweeper({
    sessions: store.sessions,
    keptMs: 980,
    clock,
    logger: createLogger('silent'),
  });
  await sweeper.start();
  await vi.waitUntil(() => clock.sleeping > 0, { interval: 2 });
  await sweeper.stop();
  expect((await store.sessions.list({ limit: 5 })).map(({ id }) => id)).toEqual([sessions[2]?.id]);
  await store.close();
});
