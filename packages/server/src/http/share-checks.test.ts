import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { shareChecks } from './share-checks.ts';

function start() {
  const clock = new ManualClock();
  const calls: PromiseWithResolvers<void>[] = [];
  const check = shareChecks(
    () => {
      const call = Promise.withResolvers<void>();
      calls.push(call);
      return call.promise;
    },
    { forMs: 10_000, clock },
  );
  return { clock, calls, check };
}

describe('a shared check', () => {
  it('is made once for all callers that ask at the same time, however long it takes', async () => {
    const { clock, calls, check } = start();
    const asked = [check(), check()];
    clock.advance(60_000);
    asked.push(check());
    calls[0]?.resolve();
    await Promise.all(asked);
    expect(calls).toHaveLength(1);
  });

  it('is not made again while its answer counts, from the time at which it came', async () => {
    const { clock, calls, check } = start();
    const first = check();
    clock.advance(60_000);
    calls[0]?.resolve();
    await first;
    clock.advance(9_999);
    await check();
    expect(calls).toHaveLength(1);
    clock.advance(1);
    void check();
    expect(calls).toHaveLength(2);
  });

  it('returns a bad answer for as long as a good one, and then finds that all is well again', async () => {
    const { clock, calls, check } = start();
    const first = check();
    calls[0]?.reject(new Error('The bucket does not answer.'));
    await expect(first).rejects.toThrow('does not answer');
    await expect(check()).rejects.toThrow('does not answer');
    clock.advance(10_000);
    const again = check();
    calls[1]?.resolve();
    await again;
    expect(calls).toHaveLength(2);
  });
});
