import { describe, expect, it } from 'vitest';
import { toQuotaResetMs } from './quota-day.ts';

describe('toQuotaResetMs', () => {
  it.each([
    ['in winter', '2026-11-22T12:00:00Z', '2026-11-23T08:00:00Z'],
    ['in summer', '2026-07-04T06:59:59Z', '2026-07-04T07:00:00Z'],
    ['at midnight itself', '2026-07-04T07:00:00Z', '2026-07-05T07:00:00Z'],
    ['on the day of 23 hours', '2026-03-08T08:00:00Z', '2026-03-09T07:00:00Z'],
    ['on the day of 25 hours', '2026-11-01T07:00:00Z', '2026-11-02T08:00:00Z'],
    ['at the end of a year', '2026-12-31T23:00:00Z', '2027-01-01T08:00:00Z'],
  ])('reaches the next midnight in Los Angeles %s', (_name, now, midnight) => {
    expect(new Date(Date.parse(now) + toQuotaResetMs(Date.parse(now), 'America/Los_Angeles'))).toEqual(
      new Date(midnight),
    );
  });
});
