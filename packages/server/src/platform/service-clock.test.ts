import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { type ClockStep, ServiceClock } from './service-clock.ts';

const day = 86_400_000;
const hour = 3_600_000;

function begin() {
  const machine = new ManualClock();
  const steps: ClockStep[] = [];
  const clock = new ServiceClock(machine, {
    onStep: (step) => steps.push(step),
  });
  return { machine, clock, steps, start: machine.now() };
}

describe('the time of the service', () => {
  it('starts at the time of the machine, and advances as time passes', () => {
    const { machine, clock, start, steps } = begin();
    expect(clock.now()).toBe(start);
    machine.advance(hour);
    expect(clock.now()).toBe(start + hour);
    expect(steps).toEqual([]);
  });

  it.each([
    ['forward by a day', day],
    ['forward by half a minute', 30_000],
    ['back by a day', -day],
  ])('does not jump when the clock of the machine is set %s, and reports it once', (_what, byMs) => {
    const { machine, clock, start, steps } = begin();
    machine.step(byMs);
    expect(clock.now()).toBe(start);
    expect(clock.now()).toBe(start);
    expect(steps).toEqual([{ byMs, behindMs: byMs }]);
  });

  it('loses only a tenth of ten minutes when the clock is set forward by a day and back ten minutes later', () => {
    const { machine, clock, start } = begin();
    clock.now();
    machine.step(day);
    clock.now();
    machine.advance(10 * 60_000);
    expect(clock.now()).toBe(start + 11 * 60_000);
    machine.step(-day);
    expect(clock.now()).toBe(start + 11 * 60_000);
    machine.advance(2 * 60_000);
    expect(clock.now()).toBe(machine.now());
  });

  it('catches up with the machine by a tenth of the elapsed time', () => {
    const { machine, clock } = begin();
    machine.step(hour);
    clock.now();
    machine.advance(9 * hour);
    expect(machine.now() - clock.now()).toBe(hour / 10);
    machine.advance(hour);
    expect(clock.now()).toBe(machine.now());
    machine.advance(hour);
    expect(clock.now()).toBe(machine.now());
  });

  it('runs at half speed while the machine is behind, and never goes back', () => {
    const { machine, clock } = begin();
    machine.step(-hour);
    let last = clock.now();
    for (let passed = 0; passed < 2 * hour; passed += hour / 4) {
      machine.advance(hour / 4);
      expect(clock.now() - last).toBe(hour / 8);
      last = clock.now();
    }
    expect(clock.now()).toBe(machine.now());
  });

  it('follows small adjustments of the machine at once', () => {
    const { machine, clock, steps } = begin();
    for (let times = 0; times < 10; times += 1) {
      machine.step(-200);
      machine.advance(1_000);
      expect(clock.now()).toBe(machine.now());
    }
    expect(steps).toEqual([]);
  });

  it('starts behind or ahead of the machine if adjusted', () => {
    for (const behindMs of [hour, -hour]) {
      const { machine, clock, start, steps } = begin();
      clock.adjust(behindMs);
      expect(clock.now()).toBe(start - behindMs);
      machine.advance(10 * hour);
      expect(clock.now()).toBe(machine.now());
      expect(steps).toEqual([]);
    }
  });
});
