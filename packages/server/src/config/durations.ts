import { z } from 'zod';
import { type EndedStatus, endedStatuses, type Retention, type RetentionRule } from '../core/retention.ts';

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 } as const;

type Unit = keyof typeof unitMs;

/** `30d`, in the largest unit that is exact. */
export function describeDuration(ms: number): string {
  const units = Object.entries(unitMs).toReversed();
  const [unit, unitLength] = units.find(([, length]) => ms % length === 0) ?? ['s', unitMs.s];
  return `${ms / unitLength}${unit}`;
}

const leastMs = 3 * unitMs.s;
const mostMs = 10 * unitMs.y;
const durationError = 'must be a time from 3s to 10y, in s, m, h, d or y, e.g. 30d';

/** `undefined` when the text is no duration that a setting takes. */
function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdy])$/.exec(text.trim()) ?? [];
  const ms = Number(count) * unitMs[unit as Unit]; // one of its keys, or NaN
  return ms >= leastMs && ms <= mostMs ? ms : undefined;
}

export const durationSchema = z.string({ error: durationError }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === undefined) context.addIssue({ code: 'custom', message: durationError });
  return ms ?? 0;
});

const retentionError =
  'must be times separated by commas, such as 30d, failed=7d, acme/*=1y or acme/failed=forever: from 3s to 10y, in s, m, h, d or y';

/** `30d,failed=7d,acme/*=1y,acme/failed=forever`: the rules of a retention. */
export const retentionSchema = z
  .string({ error: retentionError })
  .transform(
    (text, context): Retention =>
      text.split(',').flatMap((entry) => {
        const rule = parseRule(entry.trim());
        if (!rule) context.addIssue({ code: 'custom', message: retentionError });
        return rule ?? [];
      }),
  )
  .default([]);

function parseRule(entry: string): RetentionRule | undefined {
  const [, organizationId, status, time = ''] = /^(?:(?:([^/=\s]+)\/)?([a-z*]+)=)?(\w+)$/.exec(entry) ?? [];
  const keptMs = parseDuration(time);
  if (keptMs === undefined && time !== 'forever') return undefined;
  if (status === undefined || status === '*')
    return { ...(organizationId !== undefined && { organizationId }), keptMs };
  if (!isEndedStatus(status)) return undefined;
  return { ...(organizationId !== undefined && { organizationId }), status, keptMs };
}

function isEndedStatus(text: string): text is EndedStatus {
  return endedStatuses.some((status) => status === text);
}
