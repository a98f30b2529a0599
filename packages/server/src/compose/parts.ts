import type { Illustrate } from '@darkroom/sandbox';
import type { StorageDriver } from '../media/storage-driver.ts';
import type { MachineClock } from '../platform/clock.ts';

/** Parts that a test may replace. */
export interface Parts {
  readonly clock?: MachineClock;
  /** Given the driver of the pictures, gives the one to use. */
  readonly wrapDriver?: (driver: StorageDriver) => StorageDriver;
  /** Draws the pictures of the built-in sandbox. */
  readonly illustrate?: Illustrate;
}
