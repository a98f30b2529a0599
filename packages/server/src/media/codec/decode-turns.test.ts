import { describe, expect, it } from 'vitest';
import { DecodeTurns } from './decode-turns.ts';

/** Pieces of work that end when the test says so; `running` names those that have begun and not ended. */
function createStage(turns: DecodeTurns) {
  const running = new Set<string>();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (name: string, bytes: number, isAside = false) => {
    void turns.run({ bytes, isAside }, async () => {
      running.add(name);
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      running.delete(name);
    });
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await settle();
  };
  return { running, begun, add, end };
}

const limits = { bytes: 100, workBytes: 40 };

const settle = () => new Promise(setImmediate);

describe('DecodeTurns', () => {
  it('never runs more than there are places and bytes', async () => {
    const { running, add, end } = createStage(new DecodeTurns({ ...limits, places: 2 }));
    for (const [name, bytes] of [
      ['a', 60],
      ['b', 60],
      ['c', 30],
      ['d', 5],
    ] as const)
      add(name, bytes);
    await settle();
    expect([...running]).toEqual(['a', 'c']);
    await end('c');
    expect([...running]).toEqual(['a', 'd']);
    await end('a');
    expect([...running]).toEqual(['d', 'b']);
  });

  it('runs a piece alone when it needs more than there is', async () => {
    const { running, add, end } = createStage(new DecodeTurns({ ...limits, places: 2 }));
    add('vast', 1_000);
    add('small', 1);
    await settle();
    expect([...running]).toEqual(['vast']);
    await end('vast');
    expect([...running]).toEqual(['small']);
  });

  it('lets small pieces pass a large one that does not fit yet, but not forever', async () => {
    const { running, begun, add, end } = createStage(new DecodeTurns({ ...limits, places: 2 }));
    add('first', 30);
    add('large', 90);
    for (let index = 0; index < 20; index += 1) add(`small ${index}`, 30);
    await settle();
    for (let index = 0; !begun.includes('large'); index += 1) {
      if (index === 0) await end('first');
      await end([...running][0] ?? '');
    }
    expect(begun.indexOf('large')).toBe(9);
    await end('large');
    expect(running.size).toBe(2);
  });

  it('runs one piece at a time for viewers, which takes no place of the work', async () => {
    const { running, add, end } = createStage(new DecodeTurns({ ...limits, places: 2 }));
    for (const name of ['look 1', 'look 2', 'look 3']) add(name, 10, true);
    for (const name of ['work 1', 'work 2', 'work 3']) add(name, 10);
    await settle();
    expect([...running]).toEqual(['look 1', 'work 1', 'work 2']);
    await end('work 1');
    expect([...running]).toEqual(['look 1', 'work 2', 'work 3']);
    await end('look 1');
    expect([...running]).toEqual(['work 2', 'work 3', 'look 2']);
  });

  it('leaves memory for work when it runs a piece for a viewer, and runs one that leaves none when there is no work', async () => {
    const { running, add, end } = createStage(new DecodeTurns({ ...limits, places: 2 }));
    add('work 1', 10);
    add('large look', 80, true);
    add('work 2', 60);
    await settle();
    expect([...running]).toEqual(['work 1', 'work 2']);
    await end('work 2');
    expect([...running]).toEqual(['work 1']);
    await end('work 1');
    expect([...running]).toEqual(['large look']);
  });

  it('continues after a piece that failed', async () => {
    const turns = new DecodeTurns({ places: 1, bytes: 10, workBytes: 0 });
    await expect(turns.run({ bytes: 10 }, async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await turns.run({ bytes: 10 }, async () => 'well')).toBe('well');
  });
});
