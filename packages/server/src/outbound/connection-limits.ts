/** The limits of one connection to an unknown server. */
export interface ConnectionLimits {
  readonly maxHeaderBytes: number;
  /** How long it may take to connect, including TLS. */
  readonly connectMs: number;
  /** How long the next byte may take. */
  readonly stallMs: number;
}
