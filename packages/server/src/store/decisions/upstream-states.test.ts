import { describe, expect, it } from 'vitest';
import type { UpstreamState } from '../../core/upstreams.ts';
import { toChangedStates, toHold, toLoadWindows, toRelease, toWindowStarts } from './upstream-states.ts';

const key = { upstream: 'upstream-1', model: 'model-1' };

describe('changes of states', () => {
  it('follow one another, and those that change nothing are left out', () => {
    const count = (by: number) => ({
      keys: [key],
      change: (_key: typeof key, state: UpstreamState) => (by === 0 ? state : { strain: (state.strain ?? 0) + by }),
    });
    const other = { upstream: 'upstream-2', model: 'model-1' };
    const changes = [count(1), count(0), count(2), { ...count(0), keys: [other] }];
    expect(toChangedStates(changes, () => ({}))).toEqual([{ key, state: { strain: 3 } }]);
  });

  it('hold a key once, and release it without the calls of its day', () => {
    const held = { heldAt: 5, strain: 0.5, day: '2026-11-22', dayCalls: 7 };
    const stateOf = () => held;
    expect(toChangedStates([toHold(key, 9)], stateOf)).toEqual([]);
    expect(toChangedStates([toHold(key, 9)], () => ({}))).toEqual([{ key, state: { heldAt: 9 } }]);
    expect(toChangedStates([toRelease(key)], stateOf)).toEqual([{ key, state: { day: '2026-11-22', dayCalls: 7 } }]);
  });

  it('read only the windows that a limit asks for', () => {
    expect(toLoadWindows({ requestsPerMinute: 1 })).toEqual({ minute: true, images: false, spend: false });
    expect(toLoadWindows({ imagesPerMinute: 1 })).toEqual({ minute: true, images: true, spend: false });
    expect(toLoadWindows({ microsPerTenMinutes: 1 })).toEqual({ minute: false, images: false, spend: true });
    expect(toWindowStarts(1_000_000)).toEqual({ minute: 940_000, spend: 400_000 });
  });
});
