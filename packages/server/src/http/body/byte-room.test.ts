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
