import os from 'node:os';
import type { Config } from '../config/load-config.ts';
import { theService } from '../core/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { version } from '../platform/version.ts';
import type { AuditStore } from '../store/audit-store.ts';

interface Around {
  readonly audit: AuditStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Notes in the audit log with which settings a process starts, when the last process of the same role had others. A store that
 * cannot be written, because its disk is full, keeps nobody from starting.
 */
export async function noteSettings({ given, role }: Config, { audit, clock, logger }: Around): Promise<void> {
  const action = 'settings.changed';
  const settings = { version, ...given };
  const [last] = (await audit.list({ action, target: role, limit: 1 })).entries;
  if (JSON.stringify(last?.after) === JSON.stringify(settings)) return;
  const by = { actor: { ...theService, address: os.hostname() }, at: clock.now() };
  try {
    await audit.record(by, { action, target: role, before: last?.after, after: settings });
  } catch (error) {
    logger.error({ event: 'settings.unnoted', err: error });
  }
}
