/** Times as the wires tell them: Unix seconds, of our milliseconds. */

export function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

export function toSecondsOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : toSeconds(ms);
}

/** Rounded up: a caller who comes back then is not too early. */
export function toLaterSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

/** With the milliseconds as decimals. */
export function toMomentOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1_000;
}
