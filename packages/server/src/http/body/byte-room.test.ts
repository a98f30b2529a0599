import { expect, it } from 'vitest';
import { ByteRoom } from './byte-room.ts';

it('lets in what there is room for, in order, and never more', async () => {
  const room = new ByteRoom(10);
  const inside: string[] = [];
  const take = async (name: string, bytes: number) => {
    const release = await room.take(bytes, name);
    inside.push(name);
    return release;
  };
  const first = await take('first', 6);
  const second = take('second', 5);
  const third = take('third', 1);
  const fourth = take('fourth', 5);
  await Promise.resolve();
  // The third has room, but the second came before.
  expect(inside).toEqual(['first']);
  first();
  first();
  await Promise.all([second, third]);
  expect(inside).toEqual(['first', 'second', 'third']);
  (await third)();
  await fourth;
  expect(inside).toEqual(['first', 'second', 'third', 'fourth']);
});

it('keeps a quarter for others, however much one of them asks for', async () => {
  const room = new ByteRoom(8);
  const inside: string[] = [];
  const take = async (who: string, bytes: number) => {
    const release = await room.take(bytes, who);
    inside.push(who);
    return release;
  };
  const greedy = [take('greedy', 3), take('greedy', 3), take('greedy', 2)];
  const other = take('other', 2);
  await other;
  expect(inside).toEqual(['greedy', 'greedy', 'other']);
  (await greedy[0])?.();
  await greedy[2];
  expect(inside).toEqual(['greedy', 'greedy', 'other', 'greedy']);
});
