/** The day in which daily quotas count: `YYYY-MM-DD` in the time zone in which the upstream counts them. */
export function toQuotaDay(now: number, timeZone: string): string {
  return dateIn(timeZone).format(now);
}

/** Milliseconds until daily quotas are reset: at the next midnight of the time zone. */
export function toQuotaResetMs(now: number, timeZone: string): number {
  const today = toQuotaDay(now, timeZone);
  let before = now;
  let after = now + longestDayMs;
  // By bisection, whatever the clocks of the zone do in between.
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (toQuotaDay(middle, timeZone) === today) before = middle;
    else after = middle;
  }
  return after - now;
}

/** Longer than the day in autumn, which has 25 hours. */
const longestDayMs = 26 * 3_600_000;

const dates = new Map<string, Intl.DateTimeFormat>();

function dateIn(timeZone: string): Intl.DateTimeFormat {
  const date = dates.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  dates.set(timeZone, date);
  return date;
}
