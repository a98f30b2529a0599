import type { Clock, MachineClock } from './clock.ts';

export interface ServiceClockOptions {
  /** Called once for every step of the machine's clock, in milliseconds. Negative: the clock was set back. */
  readonly onStep?: (step: ClockStep) => void;
}

export interface ClockStep {
  readonly byMs: number;
  /** How far the service's time is behind the machine's from now on. Negative: ahead of it. */
  readonly behindMs: number;
}

/** A smaller difference between the machine's clock and the elapsed time does not count as a step. */
const toleranceMs = 1_000;
/** A tenth faster: at most a tenth of the time to a deadline is lost. */
const fasterBy = 0.1;
/** Half as fast: longer waits lose nothing. */
const slowerBy = 0.5;

/**
 * The clock of the service: leases, deadlines and waits use its time. It advances as time passes, even when the machine's
 * clock is set. Then it follows slowly: it runs a tenth faster until it has caught up with the machine, or half as fast until
 * the machine has caught up with it. docs/decisions/0010-service-time.md says why.
 */
export class ServiceClock implements Clock {
  readonly #machine: MachineClock;
  readonly #onStep: (step: ClockStep) => void;
  /** How far the machine's clock was ahead of its monotonic clock at the last reading. */
  #offsetMs: number;
  /** The monotonic time of the last reading. */
  #lookedAt: number;
  #behindMs = 0;

  constructor(machine: MachineClock, { onStep = () => undefined }: ServiceClockOptions = {}) {
    this.#machine = machine;
    this.#onStep = onStep;
    this.#lookedAt = machine.monotonic();
    this.#offsetMs = machine.now() - this.#lookedAt;
  }

  now(): number {
    const machineNow = this.#machine.now();
    const lookedAt = this.#machine.monotonic();
    this.#behindMs = catchUp(this.#behindMs, lookedAt - this.#lookedAt);
    this.#lookedAt = lookedAt;
    this.#follow(machineNow - lookedAt);
    return Math.round(machineNow - this.#behindMs);
  }

  /** Moves the clock by `ms` (back if positive) to the time of the service before this process. Call it before any use. */
  adjust(ms: number): void {
    this.#behindMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#machine.sleep(ms, signal);
  }

  #follow(offsetMs: number): void {
    const byMs = Math.round(offsetMs - this.#offsetMs);
    this.#offsetMs = offsetMs;
    if (Math.abs(byMs) <= toleranceMs) return;
    this.#behindMs += byMs;
    this.#onStep({ byMs, behindMs: Math.round(this.#behindMs) });
  }
}

/** What is left of `behindMs` after `passedMs`. */
export function catchUp(behindMs: number, passedMs: number): number {
  return behindMs > 0 ? Math.max(0, behindMs - passedMs * fasterBy) : Math.min(0, behindMs + passedMs * slowerBy);
}
