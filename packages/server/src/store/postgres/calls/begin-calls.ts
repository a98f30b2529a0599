import type { Lease } from '../../../core/image-request.ts';
import { maySend } from '../../decisions/calls.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { lockLeases } from '../requests/lock-requests.ts';

export interface Beginning {
  readonly lease: Lease;
  readonly imageIndexes: readonly number[];
  readonly now: number;
}

export const markSent = toStatement<SentRow>(
  `UPDATE attempts SET sent_at = sent.now
   FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
     AS sent (request_id, number, image_index, token, now)
   WHERE attempts.request_id = sent.request_id AND attempts.number = sent.number
     AND attempts.image_index = sent.image_index AND lease_token = sent.token AND sent_at IS NULL AND result IS NULL
   RETURNING attempts.request_id, attempts.image_index, upstream`,
);

interface SentRow {
  readonly request_id: string;
  readonly image_index: number;
  readonly upstream: string;
}

/**
 * Locks the leases and marks the lines in one transaction, so nothing is sent on a lease that is gone, nor for an image that an
 * earlier attempt has brought.
 */
export async function beginAll(session: Session, beginnings: readonly Beginning[]): Promise<readonly boolean[]> {
  const tokens = await lockLeases(
    session,
    beginnings.map(({ lease }) => lease.requestId),
  );
  const answered = await readAnswered(session, beginnings);
  const isSent = ({ lease: { requestId, token }, imageIndexes }: Beginning) =>
    maySend(imageIndexes, {
      isHeld: tokens.get(requestId) === token,
      isBrought: (imageIndex) => answered.has(`${requestId} ${imageIndex}`),
    });
  const calls = beginnings
    .filter(isSent)
    .flatMap(({ lease, imageIndexes, now }) => imageIndexes.map((imageIndex) => ({ lease, imageIndex, now })));
  const sent = calls.length === 0 ? [] : await mark(session, calls);
  const tellings = calls.map(({ lease, imageIndex: image, now }) => {
    const { requestId, attempt } = lease;
    const line = sent.find((one) => one.request_id === requestId && one.image_index === image);
    if (!line) throw new Error(`Attempt ${attempt} at ${requestId} has no unsent call for image ${image}.`);
    return { requestId, at: now, moment: { kind: 'sent', attempt, image, upstream: line.upstream } as const };
  });
  await recordMoments(session, tellings);
  return beginnings.map(isSent);
}

const selectAnswered = toStatement<{ readonly request_id: string; readonly image_index: number }>(
  `SELECT attempts.request_id, image_index
   FROM unnest($1::text[], $2::bigint[]) AS begun (request_id, number)
   JOIN attempts ON attempts.request_id = begun.request_id AND attempts.number < begun.number
   WHERE answer IS NOT NULL`,
);

/** Images that an earlier attempt has brought. A first attempt has none. */
async function readAnswered(session: Session, beginnings: readonly Beginning[]): Promise<ReadonlySet<string>> {
  const leases = beginnings.map(({ lease }) => lease).filter(({ attempt }) => attempt > 1);
  if (leases.length === 0) return new Set();
  const ids = leases.map(({ requestId }) => requestId);
  const numbers = leases.map(({ attempt }) => attempt);
  const rows = await session.all(selectAnswered, ids, numbers);
  return new Set(rows.map((row) => `${row.request_id} ${row.image_index}`));
}

interface Call {
  readonly lease: Lease;
  readonly imageIndex: number;
  readonly now: number;
}

function mark(session: Session, calls: readonly Call[]): Promise<readonly SentRow[]> {
  return session.all(
    markSent,
    calls.map(({ lease }) => lease.requestId),
    calls.map(({ lease }) => lease.attempt),
    calls.map(({ imageIndex }) => imageIndex),
    calls.map(({ lease }) => lease.token),
    calls.map(({ now }) => now),
  );
}
