import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Semaphore } from './semaphore.ts';

describe('Semaphore', () => {
  it('runs at most as many works at a time as it has places, in the order they came', async () => {
    const semaphore = new Semaphore(2);
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const started: number[] = [];
    const ended = gates.map((gate, index) =>
      semaphore.run(() => {
        started.push(index);
        return gate.promise;
      }),
    );
    await nextTurn();
    expect(started).toEqual([0, 1]);
    for (const [index, gate] of gates.entries()) {
      gate.resolve();
      await ended[index];
      await nextTurn();
      expect(started).toHaveLength(Math.min(index + 3, 5));
    }
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  it('frees the place of a work that fails', async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await semaphore.run(async () => 'next')).toBe('next');
  });
});
