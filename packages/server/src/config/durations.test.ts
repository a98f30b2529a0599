import { expect, it } from 'vitest';
import { toKeptMs } from '../core/retention.ts';
import { describeDuration, durationSchema, retentionSchema } from './durations.ts';

const dayMs = 86_400_000;

it.each([
  ['3s', 3_000],
  ['90m', 5_400_000],
  ['12h', 43_200_000],
  ['30d', 30 * dayMs],
  ['10y', 3_650 * dayMs],
])('reads %s as a duration, and says it again', (text, ms) => {
  expect(durationSchema.parse(text)).toBe(ms);
  expect(durationSchema.parse(describeDuration(ms))).toBe(ms);
});

it.each(['2s', '11y', '30', 'd', '1.5h', '-3d', '30 d', ''])('refuses %o', (text) => {
  expect(durationSchema.safeParse(text).success).toBe(false);
});

it('reads rules by status and organization, of which the most exact one counts', () => {
  const rules = retentionSchema.parse('30d, failed=7d, acme/*=1y, acme/failed=forever, big.co/success=3s');
  expect(toKeptMs(rules, 'any', 'success')).toBe(30 * dayMs);
  expect(toKeptMs(rules, 'any', 'failed')).toBe(7 * dayMs);
  expect(toKeptMs(rules, 'acme', 'success')).toBe(365 * dayMs);
  expect(toKeptMs(rules, 'acme', 'failed')).toBeUndefined();
  expect(toKeptMs(rules, 'big.co', 'success')).toBe(3_000);
  expect(toKeptMs(rules, 'big.co', 'cancelled')).toBe(30 * dayMs);
  expect(toKeptMs(retentionSchema.parse(undefined), 'any', 'success')).toBeUndefined();
});

it.each(['30', '30d,', 'queued=3d', 'acme=3d', 'acme/=3d', '1d failed=3d'])(
  'refuses the rules %o, in one sentence',
  (text) => {
    const { error } = retentionSchema.safeParse(text);
    expect(error?.issues[0]?.message).toContain('failed=7d');
  },
);
