import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** The `darkroom` to measure. */
  readonly bin: string;
  /** Where data folders are made: on the disk to measure. */
  readonly folder: string;
  readonly only: readonly string[];
  readonly isJson: boolean;
  /** How many rounds each comparison has. */
  readonly rounds: number;
  /** How long one side of a round lasts. */
  readonly seconds: number;
  readonly connections: number;
  /** How many requests measure the latency from a submit to the upstream. */
  readonly submits: number;
  /** How many requests measure the latency of the whole path, for each format. */
  readonly pictures: number;
  /** How many large pictures arrive at the same time. */
  readonly crowd: number;
  /** How many clients wait at the same time. */
  readonly clients: number;
  /** How many rows the store's largest queue has. */
  readonly rows: number;
  /** How many rows the largest queue of PostgreSQL has. */
  readonly queued: number;
  /** How many finished rows the database has when lists and records are read from PostgreSQL. */
  readonly finished: number;
}

const flags = {
  bin: { type: 'string' },
  folder: { type: 'string' },
  only: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string' },
  submits: { type: 'string' },
  pictures: { type: 'string' },
  crowd: { type: 'string' },
  clients: { type: 'string' },
  rows: { type: 'string' },
  queued: { type: 'string' },
  finished: { type: 'string' },
} as const;

export const usage = (parts: readonly string[]): string => `npm run bench -- [flags]

  --only PART        one of ${parts.join(', ')}; again for more; all without it
  --json             the figures as JSON
  --rounds 5         rounds of each comparison, A B A B …
  --seconds 3        of one side of a round
  --connections 64   of the load
  --submits 200      requests for the latency from a submit to the upstream
  --pictures 40      requests for the latency of the whole path, for each format
  --crowd 32         large pictures at the same time
  --clients 10000    waiting clients at the same time, as far as the limit of open files allows
  --rows 100000      rows of the largest queue of SQLite
  --queued 1000000   rows of the largest queue of PostgreSQL
  --finished 5000000 finished rows in PostgreSQL, of about 4 KB each with their indexes
  --folder FOLDER    where the databases are made; the system's folder for temporary files without it
  --bin FILE         measure this bin/darkroom.js, e.g. of another checkout
`;

/** `undefined` when only help was requested. Throws an error with a sentence when a flag is wrong. */
export function parseOptions(args: readonly string[], parts: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help) return undefined;
  const only = values.only ?? parts;
  const unknown = only.find((part) => !parts.includes(part));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}; the parts are ${parts.join(', ')}.`);
  return {
    bin: path.resolve(values.bin ?? path.join(import.meta.dirname, '../packages/server/bin/darkroom.js')),
    folder: path.resolve(values.folder ?? os.tmpdir()),
    only,
    isJson: values.json ?? false,
    rounds: toCount('rounds', values.rounds, 5),
    seconds: toCount('seconds', values.seconds, 3),
    connections: toCount('connections', values.connections, 64),
    submits: toCount('submits', values.submits, 200),
    pictures: toCount('pictures', values.pictures, 40),
    crowd: toCount('crowd', values.crowd, 32),
    clients: toCount('clients', values.clients, 10_000),
    rows: toCount('rows', values.rows, 100_000),
    queued: toCount('queued', values.queued, 1_000_000),
    finished: toCount('finished', values.finished, 5_000_000),
  };
}

function toCount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`--${name} must be a whole number, at least 1.`);
  return Number(text);
}
