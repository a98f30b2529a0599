import os from 'node:os';
import type { By, Deed } from '../core/audit.ts';
import { systemClock } from '../platform/clock.ts';
import { loadTools } from './load-compose.ts';

/** Who runs a command of this program, for the audit log: the user of the machine. */
export function byCommand(words: string): By {
  const actor = { kind: 'command', id: readUserName(), name: `darkroom ${words}`, address: os.hostname() } as const;
  return { actor, at: systemClock.now() };
}

/** A user without an entry in the system's list, as in some containers, has only a number. */
function readUserName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Notes what a command has done to a store, after it has done so without the store's own writes. */
export async function noteCommand(
  place: { readonly dataDir: string; readonly databaseUrl: string | undefined },
  words: string,
  deed: Deed,
): Promise<void> {
  const { openStore, createLogger } = await loadTools();
  const store = await openStore(place, createLogger('error'));
  try {
    await store.audit.record(byCommand(words), deed);
  } finally {
    await store.close();
  }
}
