import type { WebhookStore } from '../../webhook-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

const selectSecret = toStatement<{ readonly version: number; readonly old_until: number | null }>(
  'SELECT version, old_until FROM webhook_secrets WHERE organization_id = $1',
);

export async function secretOf(
  session: Session,
  organizationId: string,
): Promise<Awaited<ReturnType<WebhookStore['secretOf']>>> {
  const row = await session.get(selectSecret, organizationId);
  return { version: row?.version ?? 1, oldUntil: row?.old_until ?? undefined };
}

/** An organization without a row has version 1. */
const upsertSecret = toStatement<{ readonly version: number }>(
  `INSERT INTO webhook_secrets (organization_id, version, old_until) VALUES ($1, 2, $2)
   ON CONFLICT (organization_id) DO UPDATE SET
     version = webhook_secrets.version + 1, old_until = excluded.old_until
   RETURNING version`,
);

export async function rotateSecret(
  session: Session,
  organizationId: string,
  oldUntil: number,
): Promise<{ readonly version: number }> {
  return { version: (await session.get(upsertSecret, organizationId, oldUntil))?.version ?? 2 };
}
