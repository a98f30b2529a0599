import type { DatabaseSync } from 'node:sqlite';
import type { WebhookStore } from '../../webhook-store.ts';
import { prepareQuery } from '../database/statement.ts';

export function prepareSecretOf(
  db: DatabaseSync,
): (organizationId: string) => Awaited<ReturnType<WebhookStore['secretOf']>> {
  const select = prepareQuery<{ readonly version: number; readonly old_until: number | null }>(
    db,
    'SELECT version, old_until FROM webhook_secrets WHERE organization_id = ?',
  );
  return (organizationId) => {
    const row = select.get(organizationId);
    return { version: row?.version ?? 1, oldUntil: row?.old_until ?? undefined };
  };
}

/** An organization without a row has version 1. */
export function prepareRotateSecret(
  db: DatabaseSync,
): (organizationId: string, oldUntil: number) => { readonly version: number } {
  const upsert = prepareQuery<{ readonly version: number }>(
    db,
    `INSERT INTO webhook_secrets (organization_id, version, old_until) VALUES (?, 2, ?)
     ON CONFLICT (organization_id) DO UPDATE SET version = version + 1, old_until = excluded.old_until
     RETURNING version`,
  );
  return (organizationId, oldUntil) => ({ version: upsert.get(organizationId, oldUntil)?.version ?? 2 });
}
