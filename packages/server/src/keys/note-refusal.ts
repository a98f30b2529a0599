import type { By } from '../core/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { AuditStore } from '../store/audit-store.ts';

/** Notes that a sign-in to the console was refused, and why, in a sentence without secrets. */
export type NoteRefusal = (by: By, reason: string) => Promise<void>;

const hourMs = 3_600_000;
const mostInAnHour = 20;

/**
 * Anybody can be refused as often as they like, and the audit log is kept for good: after some refusals in an hour, this process only
 * counts the others, and the first refusal of a later hour has the count.
 */
export function createNoteRefusal({
  audit,
  clock,
}: {
  readonly audit: Pick<AuditStore, 'record'>;
  readonly clock: Clock;
}): NoteRefusal {
  let hour = 0;
  let noted = 0;
  let unnoted = 0;
  return async (by, reason) => {
    const now = clock.now();
    if (now - hour >= hourMs) [hour, noted] = [now, 0];
    if (noted >= mostInAnHour) {
      unnoted += 1;
      return;
    }
    noted += 1;
    const after = { reason, ...(unnoted > 0 && { not_noted_before: unnoted }) };
    unnoted = 0;
    await audit.record(by, { action: 'console.sign_in_refused', target: 'console', after });
  };
}
