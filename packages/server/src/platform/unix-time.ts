/** Converts between our milliseconds and the Unix seconds of the wires. */

export function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

export function toSecondsOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : toSeconds(ms);
}

/** Rounds up, so that a caller who tries again then is not too early. */
export function toLaterSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

/** Keeps the milliseconds as decimals. */
export function toMomentOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1_000;
}

/** `undefined` when a call names no time. */
export function toMsOrUndefined(seconds: number | null | undefined): number | undefined {
  return seconds == null ? undefined : seconds * 1_000;
}
