import { expect, it } from 'vitest';
import { toFirstInLine, toFirstInTurn } from './fair-order.ts';

it('serves the organization that has waited longest; among equals, the one whose id comes first', () => {
  const [a, b, c] = [
    { organizationId: 'a', turn: 3 },
    { organizationId: 'b', turn: 2 },
    { organizationId: 'c', turn: 2 },
  ];
  expect([toFirstInTurn([a, c, b]), toFirstInTurn([a, b, c]), toFirstInTurn([])]).toEqual([b, b, undefined]);
});

it('takes the request with the highest priority, then the oldest', () => {
  const [old, young, urgent] = [
    { id: '1', priority: 0 },
    { id: '2', priority: 0 },
    { id: '3', priority: 1 },
  ];
  expect([toFirstInLine([young, old]), toFirstInLine([old, young, urgent])]).toEqual([old, urgent]);
});
