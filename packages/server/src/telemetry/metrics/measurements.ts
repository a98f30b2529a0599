import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { toExposition } from './exposition.ts';
import type { Family, Registry } from './registry.ts';

interface MeasurementsOptions {
  readonly registry: Registry;
  /** Each brings some gauges up to date. */
  readonly measure: readonly (() => Promise<void>)[];
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

/** However often somebody asks, the gauges are measured at most once in this time. */
const freshMs = 5_000;

/** The metrics as readers get them: with gauges that are some seconds old at most. */
export class Measurements {
  readonly #options: MeasurementsOptions;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #measuring: Promise<void> | undefined;

  constructor(options: MeasurementsOptions) {
    this.#options = options;
  }

  async families(): Promise<readonly Family[]> {
    const { clock, registry } = this.#options;
    if (Math.abs(clock.now() - this.#measuredAt) >= freshMs) {
      this.#measuring ??= this.#measure().finally(() => {
        this.#measuring = undefined;
      });
      await this.#measuring;
    }
    return registry.families;
  }

  async exposition(): Promise<string> {
    return toExposition(await this.families());
  }

  /** What cannot be measured keeps its last values: counters must be readable while the database is away. */
  async #measure(): Promise<void> {
    const { measure, clock, logger } = this.#options;
    const results = await Promise.allSettled(measure.map((one) => one()));
    this.#measuredAt = clock.now();
    for (const result of results)
      if (result.status === 'rejected') logger.warn({ event: 'metrics.unmeasured', err: result.reason });
  }
}
