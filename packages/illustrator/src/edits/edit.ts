import type { Colour } from '../colour.ts';
import type { Setting } from '../language/settings.ts';

/** One change that a text asks for. */
export type Edit =
  | { readonly kind: 'add'; readonly thing: Thing }
  /** Named without saying what to do with it: what is missing is added, what is there gets the colour or size said of it. */
  | { readonly kind: 'mention'; readonly thing: Thing }
  | { readonly kind: 'replace'; readonly targets: readonly Target[]; readonly by: Thing }
  | { readonly kind: 'recolour'; readonly targets: readonly Target[]; readonly colour: Colour }
  | { readonly kind: 'resize'; readonly targets: readonly Target[]; readonly factor: number }
  | { readonly kind: 'remove'; readonly targets: readonly Target[]; readonly isAllBut: boolean }
  | { readonly kind: 'restage'; readonly setting: Setting }
  | { readonly kind: 'clear'; readonly setting: Setting }
  /** Takes the edit before it back. */
  | { readonly kind: 'undo' };

/** A thing as a text names it. */
export interface Thing {
  readonly kind: 'thing';
  readonly name: string;
  /** Absent when the text does not count. */
  readonly count?: number;
  readonly isPlural: boolean;
  readonly tint?: Colour;
  readonly scale?: number;
  /** "The cup" is one that is there already, "a cup" is a new one; absent when the text does not say. */
  readonly article?: 'definite' | 'indefinite';
  /** It stands behind a word of place, such as "on" or "beside". */
  readonly isPlaced: boolean;
}

/** What an edit is done to. */
export type Target = Thing | { readonly kind: TargetRole };

/**
 * `it` is what was spoken of last, `lead` the main creature or thing, `all` everything, `picture` the whole of it.
 */
export type TargetRole = 'it' | 'lead' | 'all' | 'picture' | 'background' | 'sky';
