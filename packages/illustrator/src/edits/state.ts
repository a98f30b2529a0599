import type { Noun } from '../language/read-prompt.ts';
import type { SettledReading } from '../settle-stage.ts';

/** A reading in the middle of its edits. */
export interface State {
  readonly reading: SettledReading;
  /** Indexes of the nouns that were spoken of last: what "it" is. */
  readonly last: readonly number[];
}

/** Changes the nouns of these indexes and speaks of them. */
export function changeNouns(state: State, indexes: readonly number[], change: (noun: Noun) => Noun): State {
  const nouns = state.reading.nouns.map((noun, index) => (indexes.includes(index) ? change(noun) : noun));
  return { reading: { ...state.reading, nouns }, last: indexes.length > 0 ? indexes : state.last };
}
