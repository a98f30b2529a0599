import { maxReferenceBytes } from '@darkroom/protocol';
import type { ConnectionLimits } from '../../outbound/connection-limits.ts';

/** The limits of one reference. */
export interface FetchLimits extends ConnectionLimits {
  /** The ports of hosts that are not explicitly allowed. */
  readonly ports: readonly number[];
  /** Bytes of the picture, decompressed. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly maxTries: number;
  /** A server that asks for a longer pause is not asked again. */
  readonly maxRetryAfterMs: number;
  /** For everything together: lookups, redirects, tries and the pauses between them. */
  readonly totalMs: number;
}

export const defaultFetchLimits: FetchLimits = {
  ports: [80, 443],
  maxBytes: maxReferenceBytes,
  maxRedirects: 5,
  maxHeaderBytes: 16 * 1024,
  maxTries: 3,
  maxRetryAfterMs: 5_000,
  connectMs: 5_000,
  stallMs: 10_000,
  totalMs: 30_000,
};
