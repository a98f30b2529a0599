import type { Colour } from '../colour.ts';
import type { Setting } from '../language/settings.ts';

/** One change that a text asks for. */
export type Edit =
  | { readonly kind: 'add'; readonly thing: Thing }
  /** Named without a verb: a missing thing is added, and an existing one gets the colour or size in the text. */
  | { readonly kind: 'mention'; readonly thing: Thing }
  | { readonly kind: 'replace'; readonly targets: readonly Target[]; readonly by: Thing }
  | { readonly kind: 'recolour'; readonly targets: readonly Target[]; readonly colour: Colour }
  | { readonly kind: 'resize'; readonly targets: readonly Target[]; readonly factor: number }
  | { readonly kind: 'remove'; readonly targets: readonly Target[]; readonly isAllBut: boolean }
  | { readonly kind: 'restage'; readonly setting: Setting }
  | { readonly kind: 'clear'; readonly setting: Setting }
  /** Undoes the previous edit. */
  | { readonly kind: 'undo' };

/** A thing that a text names. */
export interface Thing {
  readonly kind: 'thing';
  readonly name: string;
  /** Absent when the text gives no number. */
  readonly count?: number;
  readonly isPlural: boolean;
  readonly tint?: Colour;
  readonly scale?: number;
  /** "The cup" is already there, "a cup" is a new one. Absent when the text does not say. */
  readonly article?: 'definite' | 'indefinite';
  /** It follows a word of place, such as "on" or "beside". */
  readonly isPlaced: boolean;
}

/** What an edit applies to. */
export type Target = Thing | { readonly kind: TargetRole };

/**
 * `it` is the thing mentioned last, `lead` the main creature or thing, `all` everything, `picture` the whole picture.
 */
export type TargetRole = 'it' | 'lead' | 'all' | 'picture' | 'background' | 'sky';
