import type { AuditAction, AuditEntryRecord } from '@darkroom/protocol';

/** Who does something that the audit log notes. */
export interface Actor {
  readonly kind: AuditEntryRecord['by']['kind'];
  /** Of a key its id, of a person the subject, of a command the user of the machine. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Where the call came from; of a command the name of the machine. */
  readonly address: string | undefined;
}

/** Who does it, and when. A write that is given this notes it in the audit log, in its own transaction. */
export interface By {
  readonly actor: Actor;
  readonly at: number;
}

/** Values without secrets, by the names that callers know. */
export type Facts = Readonly<Record<string, unknown>>;

/** What was done, and to what. */
export interface Deed {
  readonly action: AuditAction;
  /** The id or name of what was changed. */
  readonly target: string;
  readonly organizationId?: string | undefined;
  readonly before?: Facts | undefined;
  readonly after?: Facts | undefined;
}

export interface AuditEntry extends By, Deed {
  /** Grows from entry to entry. */
  readonly seq: number;
}

/** Darkroom itself. */
export const theService: Actor = { kind: 'service', id: 'darkroom', name: 'Darkroom', address: undefined };

/** Only the facts that differ, on both sides. */
export function toDifference(before: Facts, after: Facts): { readonly before: Facts; readonly after: Facts } {
  const differing = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (facts: Facts) => Object.fromEntries(differing.map((name) => [name, facts[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}
