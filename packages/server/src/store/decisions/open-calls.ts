import type { RequestStatus } from '@darkroom/protocol';
import { openCallMs, rejoinMs } from '../open-call-store.ts';

/** An open call and the status of its request. */
export interface OpenCallRow {
  readonly request_id: string;
  /** When the last client left; `null` while clients wait. */
  readonly left_at: number | null;
  /** How many clients wait. */
  readonly clients: number;
  readonly status: RequestStatus;
}

/** Open calls of this time or earlier do not count any more, even while their rows still exist. */
export function toOpenCallsUntil(now: number): number {
  return now - openCallMs;
}

export interface Joining {
  /** The row that the call joins; `undefined`: none. */
  readonly joined: OpenCallRow | undefined;
  /** How many clients then wait. */
  readonly clients: number;
  /** The rows that no call can join any more; they are removed. */
  readonly over: readonly OpenCallRow[];
}

/** What a call finds among the rows of the same call, which come newest first. */
export function toJoining(
  rows: readonly OpenCallRow[],
  { isRetry, now }: { readonly isRetry: boolean; readonly now: number },
): Joining {
  const isOver = ({ status, left_at: leftAt }: OpenCallRow) =>
    status === 'failed' || status === 'cancelled' || (leftAt !== null && leftAt <= now - rejoinMs);
  const rest = rows.filter((row) => !isOver(row));
  const left = rest.find((row) => row.left_at !== null);
  const joined = left ?? (isRetry ? rest[0] : undefined);
  const waiting = joined?.left_at === null ? joined.clients : 0;
  return { joined, clients: waiting + 1, over: rows.filter(isOver) };
}
