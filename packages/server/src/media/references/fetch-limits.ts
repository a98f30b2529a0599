import { maxReferenceBytes } from '@darkroom/protocol';
import type { ConnectionLimits } from '../../outbound/connection-limits.ts';

/** What one reference may cost us. */
export interface FetchLimits extends ConnectionLimits {
  /** The ports of hosts that are not allowed by name. */
  readonly ports: readonly number[];
  /** Of the picture, decompressed. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly maxTries: number;
  /** A server that asks for a longer pause is not asked again. */
  readonly maxRetryAfterMs: number;
  /** For everything: look-ups, redirects, tries and the pauses between them. */
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
