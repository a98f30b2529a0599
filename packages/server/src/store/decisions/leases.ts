import type { Lease } from '../../core/image-request.ts';
import type { LeaseWatch } from '../request-store.ts';
import type { RequestRow } from '../rows/request-rows.ts';

type HeldRow = Pick<RequestRow, 'id' | 'attempt' | 'lease_token'>;

/** The lease of the attempt that holds the request; `undefined` when none does. */
export function toLease({ id: requestId, attempt, lease_token: token }: HeldRow): Lease | undefined {
  return token === null ? undefined : { requestId, attempt, token };
}

/** Does this attempt hold the request? Only an attempt that holds it may end it. */
export function isHeldBy(row: Pick<RequestRow, 'lease_token'> | undefined, { token }: Lease): boolean {
  return row?.lease_token === token;
}

/** A lease as the rows of requests and of attempts have it. */
export interface LeaseRow {
  readonly lease_token: string;
  readonly lease_expires_at: number;
}

/** Which leases a rescue looks at, and which of them are lost. */
export interface LeaseLook {
  /** Leases that run out until then are looked at. */
  readonly until: number;
  readonly isLost: (row: LeaseRow) => boolean;
}

/** Without a watch, every lease that has run out is lost. */
export function toLeaseLook({ now, watch }: { readonly now: number; readonly watch?: LeaseWatch }): LeaseLook {
  return {
    until: now + (watch?.aheadMs ?? 0),
    isLost: (row) => watch?.isLost({ token: row.lease_token, expiresAt: row.lease_expires_at }) ?? true,
  };
}
