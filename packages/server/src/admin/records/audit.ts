import type { AuditEntryRecord } from '@darkroom/protocol';
import type { AuditEntry } from '../../core/audit.ts';

export function toAuditRecord({ seq, at, actor, action, target, ...entry }: AuditEntry): AuditEntryRecord {
  const { kind, id, name, address = null } = actor;
  return {
    id: String(seq),
    at: at / 1_000,
    by: { kind, id, name, address },
    action,
    target,
    organization_id: entry.organizationId ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  };
}
