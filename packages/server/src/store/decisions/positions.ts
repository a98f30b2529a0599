/** Every walk of a position goes this far; the rest is estimated. */
export const exactUpTo = 1_000;

/** A ready request and its lane. */
export interface ReadyRow {
  readonly id: string;
  readonly organization_id: string;
  readonly model: string;
  readonly priority: number;
  readonly created_at: number;
  /** How many requests the lane has. */
  readonly ready: number;
  readonly turn: number;
}

/**
 * How many requests of its lane come before a request, when `before` of them were counted from its beginning or `after` from its
 * end; `undefined` when both walks ended after `exactUpTo`.
 */
export function toExactPlace(
  { ready }: Pick<ReadyRow, 'ready'>,
  counted: { readonly before: number; readonly after?: number },
): number | undefined {
  if (counted.before < exactUpTo) return counted.before;
  return counted.after !== undefined && counted.after < exactUpTo ? ready - 1 - counted.after : undefined;
}

/** The same estimate, as if the lane had grown evenly between its first request and its last. */
export function toEstimatedPlace(
  { created_at: createdAt, ready }: Pick<ReadyRow, 'created_at' | 'ready'>,
  { firstAt, lastAt }: { readonly firstAt: number | undefined; readonly lastAt: number | undefined },
): number {
  const [from, to] = [firstAt ?? createdAt, lastAt ?? createdAt];
  const part = to > from ? (createdAt - from) / (to - from) : 0.5;
  return Math.min(Math.max(Math.round(part * ready), exactUpTo), ready - 1 - exactUpTo);
}
