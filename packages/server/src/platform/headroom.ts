import { statfs } from 'node:fs/promises';
import { groupDigits } from '@darkroom/protocol';
import type { Clock } from './clock.ts';
import { type DiskShares, WrittenOfLate } from './disk-shares.ts';
import type { Logger } from './logger.ts';
import { createRepeat } from './repeat.ts';
import type { Service } from './service.ts';

/** Whether this machine has room for more work. Answers at once, from the last measurement. */
export interface Headroom {
  /** A sentence if new work must be refused because disk space or memory is short. */
  refusal(): string | undefined;
  /** Whether the disk is so full that a worker must not claim: there might be no space for a picture that was paid for. */
  mustRest(): boolean;
}

export interface HeadroomOptions {
  /** A folder on the disk to watch. */
  readonly folder: string;
  readonly minFreeDiskBytes: number;
  readonly minFreeMemoryBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once a second. If it rejects, the previous measurement stays. Tests may pass their own. */
  readonly measure?: (folder: string) => Promise<FreeBytes>;
}

export interface FreeBytes {
  readonly disk: number;
  readonly memory: number;
}

const intervalMs = 1_000;

/** Once started, it has measured at least once. */
export function createHeadroom(options: HeadroomOptions): Headroom & DiskShares & Service {
  const { folder, minFreeDiskBytes, minFreeMemoryBytes, clock, logger, measure = measureFree } = options;
  let free: FreeBytes = { disk: Number.POSITIVE_INFINITY, memory: Number.POSITIVE_INFINITY };
  const written = new WrittenOfLate();

  const sample = async () => {
    // If the folder cannot be measured, the store or the media store reports the problem better.
    free = await measure(folder).catch(() => free);
  };
  const watching = createRepeat({
    event: 'headroom.unmeasured',
    everyMs: intervalMs,
    work: sample,
    clock,
    logger,
  });
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
      // Correct until the next measurement.
      free = { ...free, disk: free.disk - bytes };
      return undefined;
    },
    mustRest: () => free.disk < minFreeDiskBytes / 2,
    start: async () => {
      await sample();
      await watching.start();
    },
    stop: watching.stop,
  };
}

/** The free bytes of the folder's disk for this user, and of the machine's memory, or the container's, for this process. */
export async function measureFree(folder: string): Promise<FreeBytes> {
  const { bavail, bsize } = await statfs(folder);
  return { disk: bavail * bsize, memory: process.availableMemory() };
}

const shareSentence =
  'The disk of the service is nearly full, and this organization has recently written more to it than the space left for all callers: send pictures again later.';

function toSentence(what: string, free: number, least: number): string {
  return (
    `The service is short of ${what}: ${toMegabytes(free)} MB is free, and at least ${toMegabytes(least)} MB must be. ` +
    'Requests that it has accepted are safe; send this one again when the operator has made room.'
  );
}

function toMegabytes(bytes: number): string {
  return groupDigits(Math.floor(bytes / 2 ** 20));
}
