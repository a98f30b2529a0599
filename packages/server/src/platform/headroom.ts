import { statfs } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import { type DiskShares, WrittenOfLate } from './disk-shares.ts';
import type { Service } from './service.ts';

/** Is there room for more work on this machine? Answers at once, by what was measured last. */
export interface Headroom {
  /** A sentence when new work must be refused, since disk or memory are short. */
  refusal(): string | undefined;
  /** The disk is so short that a worker must not claim: a picture that was paid for might find no place. */
  mustRest(): boolean;
}

export interface HeadroomOptions {
  /** On the disk that is watched. */
  readonly folder: string;
  readonly minFreeDiskBytes: number;
  readonly minFreeMemoryBytes: number;
  readonly clock: Clock;
  /** Asked once a second; when it rejects, what was measured before stands. A test may give its own. */
  readonly measure?: (folder: string) => Promise<FreeBytes>;
}

export interface FreeBytes {
  readonly disk: number;
  readonly memory: number;
}

const intervalMs = 1_000;

/** Has measured once when it has started. */
export function createHeadroom(options: HeadroomOptions): Headroom & DiskShares & Service {
  const { folder, minFreeDiskBytes, minFreeMemoryBytes, clock, measure = measureFree } = options;
  const stopped = new AbortController();
  let free: FreeBytes = { disk: Number.POSITIVE_INFINITY, memory: Number.POSITIVE_INFINITY };
  let watching: Promise<void> | undefined;
  const written = new WrittenOfLate();

  const sample = async () => {
    // A folder that cannot be asked now is the store's and the media store's news; they tell it better.
    free = await measure(folder).catch(() => free);
  };
  const watch = async () => {
    while (!stopped.signal.aborted) {
      await clock.sleep(intervalMs, stopped.signal);
      if (!stopped.signal.aborted) await sample();
    }
  };
  return {
    refusal: () => {
      if (free.disk < minFreeDiskBytes) return toSentence('disk space', free.disk, minFreeDiskBytes);
      if (free.memory < minFreeMemoryBytes) return toSentence('memory', free.memory, minFreeMemoryBytes);
      return undefined;
    },
    admit: (who, bytes) => {
      const now = clock.now();
      if (written.of(who, now) + bytes > (free.disk - minFreeDiskBytes) / 2) return shareSentence;
      written.add(who, bytes, now);
      // Until it is measured again.
      free = { ...free, disk: free.disk - bytes };
      return undefined;
    },
    mustRest: () => free.disk < minFreeDiskBytes / 2,
    start: async () => {
      await sample();
      watching = watch();
    },
    stop: async () => {
      stopped.abort();
      await watching;
    },
  };
}

/** What the disk of the folder has for this user, and what the machine, or the limit of its container, has for this process. */
export async function measureFree(folder: string): Promise<FreeBytes> {
  const { bavail, bsize } = await statfs(folder);
  return { disk: bavail * bsize, memory: process.availableMemory() };
}

const shareSentence =
  'The disk of the service fills up, and this API key has filled more of it of late than is left for everybody: send pictures again later.';

function toSentence(what: string, free: number, least: number): string {
  return (
    `The service is short of ${what}: ${toMegabytes(free)} MB are free and ${toMegabytes(least)} MB have to be. ` +
    'Requests that it has accepted are safe; send this one again when its operator has made room.'
  );
}

function toMegabytes(bytes: number): string {
  return Math.floor(bytes / 2 ** 20).toLocaleString('en-US');
}
