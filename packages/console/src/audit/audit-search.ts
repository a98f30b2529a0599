import { type AuditAction, auditActions } from '@darkroom/protocol';
import { isDay } from '../days.ts';

/** Which entries the page shows; also the search parameters of its address. */
export interface AuditSearch {
  /** What this key, person or user did. */
  readonly by?: string;
  readonly action?: AuditAction;
  /** What was done to this. */
  readonly target?: string;
  readonly organization?: string;
  /** The first day, `YYYY-MM-DD` in the reader's time zone. */
  readonly from?: string;
  /** The last day, inclusive. */
  readonly to?: string;
}

export const maxIdLength = 200;

/** Reads an address. Anything that is not a filter is left out. */
export function toAuditSearch({ action, from, to, ...search }: Record<string, unknown>): AuditSearch {
  const by = toId(search['by']);
  const target = toId(search['target']);
  const organization = toId(search['organization']);
  return {
    ...(by !== undefined && { by }),
    ...(isAction(action) && { action }),
    ...(target !== undefined && { target }),
    ...(organization !== undefined && { organization }),
    ...(isDay(from) && { from }),
    ...(isDay(to) && { to }),
  };
}

/** The router reads `by=123` as a number. */
function toId(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text.slice(0, maxIdLength) : undefined;
}

function isAction(value: unknown): value is AuditAction {
  return typeof value === 'string' && Object.hasOwn(auditActions, value);
}
