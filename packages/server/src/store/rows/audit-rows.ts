import type { Actor, AuditEntry, By, Deed, Facts } from '../../core/audit.ts';
import type { AuditPage, AuditQuery } from '../audit-store.ts';

/** A row of the audit log as both stores read it. */
export interface AuditRow {
  readonly seq: number;
  readonly at: number;
  readonly actor_kind: Actor['kind'];
  readonly actor_id: string;
  readonly actor_name: string;
  readonly address: string | null;
  readonly action: AuditEntry['action'];
  readonly target: string;
  readonly organization_id: string | null;
  readonly facts_before: string | null;
  readonly facts_after: string | null;
}

/** The columns of a row but `seq`, which the database counts. */
export const auditColumns = [
  'at',
  'actor_kind',
  'actor_id',
  'actor_name',
  'address',
  'action',
  'target',
  'organization_id',
  'facts_before',
  'facts_after',
] as const;

export function toAuditColumns({ actor, at }: By, deed: Deed): readonly (string | number | null)[] {
  const { action, target, organizationId = null, before, after } = deed;
  const { kind, id, name, address = null } = actor;
  return [at, kind, id, name, address, action, target, organizationId, toText(before), toText(after)];
}

function toText(facts: Facts | undefined): string | null {
  return facts === undefined ? null : JSON.stringify(facts);
}

function toAuditEntry(row: AuditRow): AuditEntry {
  const { seq, at, action, target } = row;
  return {
    seq,
    at,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name, address: row.address ?? undefined },
    action,
    target,
    organizationId: row.organization_id ?? undefined,
    before: toFacts(row.facts_before),
    after: toFacts(row.facts_after),
  };
}

/** Written by the store, hence an object. */
function toFacts(text: string | null): Facts | undefined {
  return text === null ? undefined : JSON.parse(text);
}

/** The conditions of a query and their values, each with `?` for its values, in their order. */
export function toAuditConditions(query: AuditQuery): readonly (readonly [string, ...(string | number)[]])[] {
  const { actorId, action, target, organizationId, from, before, cursor } = query;
  return [
    ...(actorId === undefined ? [] : [['actor_id = ?', actorId] as const]),
    ...(action === undefined ? [] : [['action = ?', action] as const]),
    ...(target === undefined ? [] : [['target = ?', target] as const]),
    ...(organizationId === undefined ? [] : [['organization_id = ?', organizationId] as const]),
    ...(from === undefined ? [] : [['at >= ?', from] as const]),
    ...(before === undefined ? [] : [['at < ?', before] as const]),
    ...(cursor === undefined ? [] : [['(at, seq) < (?, ?)', cursor.at, cursor.seq] as const]),
  ];
}

/** `rows` has one more than the page, when there are more. */
export function toAuditPage(rows: readonly AuditRow[], limit: number): AuditPage {
  const entries = rows.slice(0, limit).map(toAuditEntry);
  const last = rows.length > limit ? entries.at(-1) : undefined;
  return { entries, next: last && { at: last.at, seq: last.seq } };
}
