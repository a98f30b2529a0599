import module from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from './clock.ts';

/** The first seconds of a server often bring its first calls, which load more. */
const settleMs = 3_000;

/**
 * Some time after the start, keeps what was compiled, which a killed process could not, and gives back the memory that loading
 * took. Does nothing when the signal aborts before. Never rejects.
 */
export async function settleProcess(clock: Clock, signal: AbortSignal): Promise<void> {
  await clock.sleep(settleMs, signal);
  if (signal.aborted) return;
  module.flushCompileCache();
  holdYoungGeneration();
  setFlagsFromString('--expose-gc');
  // The global function of V8 itself; a context made after the flag has it. This kind also makes the young generation small again.
  const collect: NodeJS.GCFunction = runInNewContext('gc');
  collect({ type: 'major', flavor: 'last-resort' });
}

/** From now on V8's young generation does not grow: docs/decisions/0008-young-generation.md */
export function holdYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
