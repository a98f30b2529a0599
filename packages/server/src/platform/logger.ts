import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Structured logs on standard error: one JSON object per line, or readable lines on a terminal. `event` is `noun.verb`.
 * Logs always contain ids, and never prompts, keys, signatures or signed URLs.
 */
export function createLogger(level: LogLevel): Logger {
  const destination = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, messageKey: 'event', ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : pino.destination(2);
  return pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, destination);
}
