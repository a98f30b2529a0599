import type { Noun } from '../language/read-prompt.ts';
import type { SettledReading } from '../settle-stage.ts';

/** A reading while its edits are applied. */
export interface State {
  readonly reading: SettledReading;
  /** The indexes of the nouns mentioned last, which "it" refers to. */
  readonly last: readonly number[];
}

/** Changes the nouns at these indexes and marks them as mentioned last. */
export function changeNouns(state: State, indexes: readonly number[], change: (noun: Noun) => Noun): State {
  const nouns = state.reading.nouns.map((noun, index) => (indexes.includes(index) ? change(noun) : noun));
  return { reading: { ...state.reading, nouns }, last: indexes.length > 0 ? indexes : state.last };
}
