import { toNewsKeys } from '../../core/upstream-health.ts';
import { takeBack } from '../../core/upstream-pool.ts';
import { toKeyText, type UpstreamKey, type UpstreamLimits, type UpstreamState } from '../../core/upstreams.ts';

/** What happened to some keys; the state of each after it, or the same object when nothing has changed. */
export interface StateChange {
  readonly keys: readonly UpstreamKey[];
  readonly change: (key: UpstreamKey, state: UpstreamState) => UpstreamState;
}

export interface KeptState {
  readonly key: UpstreamKey;
  readonly state: UpstreamState;
}

/** Makes the changes one after the other. Returns the states that are to be written, without those that stayed as they were. */
export function toChangedStates(
  changes: readonly StateChange[],
  stateOf: (key: UpstreamKey) => UpstreamState,
): readonly KeptState[] {
  const changed = new Map<string, KeptState>();
  for (const { keys, change } of changes) {
    for (const key of keys) {
      const before = changed.get(toKeyText(key))?.state ?? stateOf(key);
      const state = change(key, before);
      if (state !== before) changed.set(toKeyText(key), { key, state });
    }
  }
  return [...changed.values()];
}

/** A call that was granted and never sent: its upstream gets back what the grant has counted. */
export function toTakeBack(line: UpstreamKey & { readonly started_at: number }, now: number): StateChange {
  return {
    keys: toNewsKeys(line),
    change: (_key, state) => takeBack(state, { grantedAt: line.started_at, now }),
  };
}

/** An operator pauses the key. Pausing again changes nothing. */
export function toHold(key: UpstreamKey, now: number): StateChange {
  return {
    keys: [key],
    change: (_key, state) => (state.heldAt === undefined ? { ...state, heldAt: now } : state),
  };
}

/**
 * Ends a pause, and forgets what calls have shown. The count of the day's calls stays: the upstream counts them whatever an
 * operator does.
 */
export function toRelease(key: UpstreamKey): StateChange {
  return {
    keys: [key],
    change: (_key, { day, dayTimeZone, dayCalls }) => ({
      ...(day !== undefined && { day }),
      ...(dayTimeZone !== undefined && { dayTimeZone }),
      ...(dayCalls !== undefined && { dayCalls }),
    }),
  };
}

/** Which windows of a load are read; the others are given as empty. */
export interface LoadWindows {
  readonly minute: boolean;
  /** The pictures of the same minute. */
  readonly images: boolean;
  readonly spend: boolean;
}

/** A window is read only where a limit asks for it. */
export function toLoadWindows(limits: UpstreamLimits): LoadWindows {
  const { requestsPerMinute, imagesPerMinute, microsPerTenMinutes } = limits;
  const images = imagesPerMinute !== undefined;
  return { minute: images || requestsPerMinute !== undefined, images, spend: microsPerTenMinutes !== undefined };
}

/** For reports: every window, whether there is a limit or not. */
export const allWindows: LoadWindows = { minute: true, images: true, spend: true };

/** Calls that were sent after these times are in the windows. */
export function toWindowStarts(now: number): { readonly minute: number; readonly spend: number } {
  return { minute: now - 60_000, spend: now - 600_000 };
}
