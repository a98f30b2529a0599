import type { Pixels } from '@darkroom/protocol';

export function formatPixels({ width, height }: Pixels): string {
  return `${width} × ${height}`;
}

export function formatBytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function formatDollars(dollars: number): string {
  return dollars < 0.001 ? 'under $0.001' : `$${dollars.toFixed(dollars < 1 ? 3 : 2)}`;
}

/** `0:07`, `12:40`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** How long before `nowMs` it was: `just now`, `3 min. ago`, `yesterday`. */
export function formatAge(unixSeconds: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor(nowMs / 1_000) - unixSeconds);
  if (seconds < 60) return 'just now';
  if (seconds < 3_600) return relative.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3_600), 'hour');
  return relative.format(-Math.floor(seconds / 86_400), 'day');
}

/** `14:03:09`, in the reader's time zone. */
export function formatTime(unixSeconds: number): string {
  return time.format(unixSeconds * 1_000);
}

/** `22 Nov 2026`, in the reader's time zone. */
export function formatDate(unixSeconds: number): string {
  return date.format(unixSeconds * 1_000);
}

/** `14:03`, in the reader's time zone. */
export function formatClock(unixSeconds: number): string {
  return clock.format(unixSeconds * 1_000);
}

/** `22 Nov, 14:03`, in the reader's time zone. */
export function formatMoment(unixSeconds: number): string {
  return moment.format(unixSeconds * 1_000);
}

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

const moment = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
