import pg, { type Client } from 'pg';
import type { Clock } from '../../../platform/clock.ts';
import { createSecret } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { Hint, Hints } from '../../store.ts';
import type { ConnectionSettings } from '../database/connection-settings.ts';
import type { Database } from '../database/database.ts';
import { toStatement } from '../database/statement.ts';

/** Hints between all processes on the database. */
export interface Notifications extends Hints {
  close(): Promise<void>;
}

export interface NotificationsOptions {
  readonly settings: ConnectionSettings;
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

const channel = 'darkroom';
const notify = toStatement(`SELECT pg_notify('${channel}', $1)`);
const firstPauseMs = 100;
const longestPauseMs = 10_000;

/** A separate connection listens. When it breaks, it is opened again after growing pauses. */
export function createNotifications({ settings, db, clock, logger }: NotificationsOptions): Notifications {
  const self = createSecret();
  const listeners = new Set<(hint: Hint) => void>();
  const closing = new AbortController();
  const waiting = new Set<Hint>();
  let sending: Promise<void> | undefined;

  const tell = (hint: Hint) => {
    for (const listener of listeners) listener(hint);
  };
  const hear = (payload: string | undefined) => {
    const [sender, hint] = (payload ?? '').split(' ');
    if (sender !== self && (hint === 'queued' || hint === 'changed')) tell(hint);
  };
  const send = async () => {
    while (waiting.size > 0) {
      const hints = [...waiting];
      waiting.clear();
      for (const hint of hints) await db.askOnce(notify, `${self} ${hint}`);
    }
  };
  const listening = settings.ownsSession
    ? listen({ settings, hear, clock, logger, signal: closing.signal })
    : Promise.resolve();
  return {
    onHint: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    hint: (hint) => {
      tell(hint);
      // Behind a pooler no connection can listen.
      if (!settings.ownsSession || closing.signal.aborted) return;
      waiting.add(hint);
      sending ??= send()
        .catch((error: unknown) => logger.warn({ event: 'hint.lost', err: error }))
        .finally(() => {
          sending = undefined;
        });
    },
    close: async () => {
      closing.abort();
      waiting.clear();
      await Promise.all([sending, listening]);
    },
  };
}

interface Listening {
  readonly settings: ConnectionSettings;
  readonly hear: (payload: string | undefined) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

async function listen({ settings, hear, clock, logger, signal }: Listening): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    // Without time limits: the connection only waits.
    const { statement_timeout: _statement, options: _options, ...client } = settings.client;
    const connection = new pg.Client(client);
    try {
      await listenOnce(connection, { hear, signal, onListening: () => (pauseMs = firstPauseMs) });
    } catch (error) {
      logger.warn({ event: 'hints.deaf', err: error });
    } finally {
      await connection.end().catch(() => undefined); // broken already
    }
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }
}

/** Resolves when it is told to stop; rejects when the connection breaks. */
async function listenOnce(
  connection: Client,
  { hear, signal, onListening }: Pick<Listening, 'hear' | 'signal'> & { readonly onListening: () => void },
): Promise<void> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined); // awaited below, unless connecting fails before
  connection.on('error', reject);
  connection.on('end', () => reject(new Error('The connection has ended.')));
  connection.on('notification', ({ payload }) => hear(payload));
  signal.addEventListener('abort', () => resolve(), { once: true });
  await connection.connect();
  await connection.query(`LISTEN ${channel}`);
  onListening();
  await ended;
}
