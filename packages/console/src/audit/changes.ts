import type { AuditEntryRecord } from '@darkroom/protocol';
import { formatClock, formatDate } from '../formats.ts';

export interface Change {
  readonly name: string;
  /** `undefined`: there was nothing. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The facts of an entry that differ, in words. When there is only one side, all of it. */
export function toChanges({ before, after }: Pick<AuditEntryRecord, 'before' | 'after'>): readonly Change[] {
  return Object.keys({ ...before, ...after }).flatMap((name) => {
    const [was, is] = [before, after].map((facts) => toText(facts?.[name], name));
    const change = { name: name.replaceAll('_', ' '), before: was, after: is };
    return change.before === change.after ? [] : [change];
  });
}

function toText(value: unknown, name = ''): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'none';
  if (typeof value === 'number' && /_(at|until)$/.test(name)) return `${formatDate(value)}, ${formatClock(value)}`;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((one) => toText(one)).join(', ');
  if (typeof value !== 'object') return String(value);
  const inner = Object.entries(value).map(([name, one]) => `${name.replaceAll('_', ' ')} ${toText(one)}`);
  return inner.length === 0 ? 'none' : inner.join(', ');
}
