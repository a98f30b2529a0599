/** What one connection to a stranger's server may cost us. */
export interface ConnectionLimits {
  readonly maxHeaderBytes: number;
  /** For a connection to stand, TLS included. */
  readonly connectMs: number;
  /** For the next byte to come. */
  readonly stallMs: number;
}
