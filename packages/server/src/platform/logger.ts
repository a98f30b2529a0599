import { createRequire } from 'node:module';
import { type Logger, pino } from 'pino';
import type { LogLevel } from './log-levels.ts';

export type { Logger } from 'pino';

/**
 * Structured logs on standard error: one JSON object per line, or readable lines on a terminal. `event` is `noun.verb`.
 * Logs always contain ids, and never prompts, keys, signatures or signed URLs.
 */
export function createLogger(level: LogLevel): Logger {
  const destination = process.stderr.isTTY ? createReadableLines() : pino.destination(2);
  return pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, destination);
}

/** Only a terminal needs the library: a server without one starts sooner. */
function createReadableLines() {
  const load = createRequire(import.meta.url);
  const pretty = load('pino-pretty') as typeof import('pino-pretty'); // the module of that name
  const ignore = 'pid,hostname';
  return pretty({ destination: 2, sync: true, messageKey: 'event', ignore, translateTime: 'SYS:HH:MM:ss' });
}
