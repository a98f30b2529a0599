import type { RequestStatus } from '@darkroom/protocol';

/** A status that a request ends with. */
export type EndedStatus = Exclude<RequestStatus, 'queued' | 'processing'>;

export const endedStatuses: readonly EndedStatus[] = ['success', 'failed', 'cancelled'];

/** How long ended requests are kept, or their pictures: those of the organization and of the status, where it names them. */
export interface RetentionRule {
  readonly organizationId?: string;
  readonly status?: EndedStatus;
  /** Counted from the end of the request. `undefined`: for ever. */
  readonly keptMs: number | undefined;
}

/** No rules: for ever. */
export type Retention = readonly RetentionRule[];

/** What the most exact rule says: one that names the organization and the status, then one of the organization, then of the status. */
export function toKeptMs(rules: Retention, organizationId: string, status: EndedStatus): number | undefined {
  const fitting = rules.filter(
    (rule) => [undefined, organizationId].includes(rule.organizationId) && [undefined, status].includes(rule.status),
  );
  const exactness = (rule: RetentionRule) =>
    (rule.organizationId === undefined ? 0 : 2) + (rule.status === undefined ? 0 : 1);
  return fitting.toSorted((a, b) => exactness(b) - exactness(a))[0]?.keptMs;
}
