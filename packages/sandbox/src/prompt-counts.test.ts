import { expect, it } from 'vitest';
import { PromptCounts } from './prompt-counts.ts';

it('counts each prompt separately', () => {
  const counts = new PromptCounts(10);
  expect([counts.count('a'), counts.count('a'), counts.count('b'), counts.count('a')]).toEqual([1, 2, 1, 3]);
  expect([counts.of('a'), counts.of('b'), counts.of('c')]).toEqual([3, 1, 0]);
});

it('forgets the least recently used prompt when there are too many', () => {
  const counts = new PromptCounts(2);
  for (const prompt of ['a', 'b', 'a', 'c']) counts.count(prompt);
  expect([counts.of('a'), counts.of('b'), counts.of('c')]).toEqual([2, 0, 1]);
});
