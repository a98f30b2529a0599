import { expect, it } from 'vitest';
import { toChanges } from './changes.ts';

it('only what differs is shown, in words', () => {
  const before = { name: 'Gallery', limits: { stored_bytes: 5 }, model_ids: null, scopes: ['read'] };
  const after = { name: 'Robot', limits: {}, model_ids: ['a', 'b'], scopes: ['read'] };
  expect(toChanges({ before, after })).toEqual([
    { name: 'name', before: 'Gallery', after: 'Robot' },
    { name: 'limits', before: 'stored bytes 5', after: 'none' },
    { name: 'model ids', before: 'none', after: 'a, b' },
  ]);
  expect(toChanges({ before: null, after: { is_paused: true } })).toEqual([
    { name: 'is paused', before: undefined, after: 'true' },
  ]);
  const [time] = toChanges({ before: null, after: { old_text_until: 1_795_903_896 } });
  expect(time?.after).toMatch(/^\d+ Nov 2026, \d\d:\d\d$/);
  expect(toChanges({ before: null, after: null })).toEqual([]);
});
