/** What one call of an upstream may take. */
export interface UpstreamLimits {
  /** For the request's body. */
  readonly maxRequestBytes: number;
  /** For each picture, and each other file, of the answer. */
  readonly maxPictureBytes: number;
  /** For the answer's body. */
  readonly maxAnswerBytes: number;
  /** For the part of the answer that stays in memory. */
  readonly maxJsonBytes: number;
  /** For the body of an error or of a check; the rest is not read. */
  readonly maxTextBytes: number;
  readonly connectTimeoutMs: number;
  readonly checkTimeoutMs: number;
}

/** What a vendor does not say otherwise. How large a request may be is the vendor's to say. */
export const usualLimits: Omit<UpstreamLimits, 'maxRequestBytes'> = {
  maxPictureBytes: 64 * 2 ** 20,
  maxAnswerBytes: 256 * 2 ** 20,
  maxJsonBytes: 4 * 2 ** 20,
  maxTextBytes: 2 ** 20,
  connectTimeoutMs: 10_000,
  checkTimeoutMs: 10_000,
};
