const hourMs = 3_600_000;
const hourInLosAngeles = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hour: '2-digit',
  hourCycle: 'h23',
});
const dateInLosAngeles = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' });

/** The day that quotas of a day belong to: `YYYY-MM-DD` in Los Angeles, where Google counts. */
export function toQuotaDay(now: number): string {
  return dateInLosAngeles.format(now);
}

/** Milliseconds until quotas of a day come back: at midnight in Los Angeles. */
export function toQuotaResetMs(now: number): number {
  const today = Date.parse(`${toQuotaDay(now)}T00:00:00Z`);
  const tomorrow = today + 24 * hourMs;
  // Midnight there is 7 or 8 o'clock UTC. Clocks change at 2 o'clock, so that midnight itself is never in doubt.
  const inSummer = tomorrow + 7 * hourMs;
  return (hourInLosAngeles.format(inSummer) === '00' ? inSummer : inSummer + hourMs) - now;
}
