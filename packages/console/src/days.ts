export function isDay(value: unknown): value is string {
  return typeof value === 'string' && /^20\d\d-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** When a day begins in the reader's time zone, or the one so many days later, in Unix seconds. */
export function toMidnight(day: string, daysLater = 0): number {
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + daysLater);
  // Some days begin at another hour, and the next one does not.
  return date.setHours(0) / 1_000;
}

/** The day of a Unix second in the reader's time zone, `YYYY-MM-DD`. */
export function toDay(seconds: number): string {
  const date = new Date(seconds * 1_000);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
