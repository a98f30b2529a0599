import type { Clock, MachineClock } from './clock.ts';

export interface ServiceClockOptions {
  /** Told once of every step of the machine's clock, in milliseconds; negative: it was set back. */
  readonly onStep?: (step: ClockStep) => void;
}

export interface ClockStep {
  readonly byMs: number;
  /** How far the service's time is behind the machine's from now on; negative: ahead of it. */
  readonly behindMs: number;
}

/** What the machine's clock may differ from the passing of time between two looks without having been set. */
const toleranceMs = 1_000;
/** A tenth faster: of the time to a deadline at most a tenth is lost. */
const fasterBy = 0.1;
/** Half as fast: whoever waits longer loses nothing. */
const slowerBy = 0.5;

/**
 * The time by which the service works: leases, deadlines and waits are times of this clock. It passes as time passes, whatever
 * happens to the clock of the machine. When that is set, this one goes on as before and follows it slowly: a tenth faster until
 * it has caught up, or half as fast until it has been caught up with. docs/decisions/0010-service-time.md says why.
 */
export class ServiceClock implements Clock {
  readonly #machine: MachineClock;
  readonly #onStep: (step: ClockStep) => void;
  /** By how much the machine's clock was ahead of its monotonic one at the last look. */
  #offsetMs: number;
  /** The monotonic time of the last look. */
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

  /** Takes the clock back by `ms`, or on, to the time that the service had before this process; only before it is used. */
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

/** What is left of `behindMs` when so much time has passed. */
export function catchUp(behindMs: number, passedMs: number): number {
  return behindMs > 0 ? Math.max(0, behindMs - passedMs * fasterBy) : Math.min(0, behindMs + passedMs * slowerBy);
}
