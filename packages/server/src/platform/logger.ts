import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Structured logs, one JSON object a line, on standard error. `event` is `noun.verb`; ids always; never prompts, keys,
 * signatures or signed URLs.
 */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, pino.destination(2));
}
