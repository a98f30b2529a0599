import type { Setting } from '../language/settings.ts';
import type { TargetRole } from './edit.ts';

/** What a verb does with the things it names. */
export type Verb = 'add' | 'change' | 'keep' | 'make' | 'remove' | 'resize' | 'undo';

/** Words that are verbs in any context. */
const verbs = toTable<Verb>({
  add: 'add insert include give bring put introduce place wearing wear hold holding carry carrying',
  change: 'change turn replace swap convert transform exchange switch substitute morph',
  keep: "keep leave preserve maintain don't dont never not",
  make: 'make makes let render recolor recolour repaint colorize colourize paint set relocate move transport teleport',
  remove: 'remove delete erase omit exclude eliminate hide without rid disappear vanish gone',
  resize: 'enlarge shrink magnify',
  undo: 'undo revert',
});

/** Verbs that are nouns after an article or a noun: a colour, a drop, a place. */
export const verbsAtTheStart = toTable<Verb>({
  add: 'draw show have need',
  keep: 'same',
  make: 'color colour dye tint',
  remove: 'drop lose cut clear take no',
});

/** The verb for a word, in its base form or with "ing" or "s" at the end. */
export function toVerb(word: string): Verb | undefined {
  const stem = word.replace(/(?:ing|s)$/, '');
  return [word, stem, `${stem}e`, stem.replace(/(.)\1$/, '$1')].map((form) => verbs.get(form)).find((verb) => verb);
}

/** Words between what changes and what it becomes. */
export const separators: ReadonlySet<string> = new Set([
  'to',
  'into',
  'with',
  'for',
  'by',
  'as',
  'become',
  'becomes',
  'except',
]);

export const placeWords: ReadonlySet<string> = new Set(
  `on in at into onto inside under below beneath beside behind by near over above around between against before upon to
  toward towards next front top from`.split(/\s+/),
);

export const definiteWords: ReadonlySet<string> = new Set(
  'the this that these those his her its their our my your all every each'.split(' '),
);
export const indefiniteWords: ReadonlySet<string> = new Set(['a', 'an', 'another', 'more', 'extra', 'new']);

/** Words that refer to something in the picture without naming it. */
export const roles = toTable<TargetRole>({
  all: 'everything everyone all',
  background: 'background backdrop surroundings environment setting location',
  it: 'it them they him',
  lead: 'subject character animal creature protagonist figure',
  picture: 'picture image scene illustration artwork',
});

/** Words that refer to the picture after an article, and otherwise say what kind of picture it is. */
export const pictureWords: ReadonlySet<string> = new Set(['photo', 'photograph', 'painting', 'drawing', 'sketch']);

export const sizes: Readonly<Record<string, number>> = {
  big: 1.4,
  bigger: 1.4,
  enlarge: 1.4,
  giant: 1.8,
  gigantic: 1.8,
  huge: 1.8,
  large: 1.4,
  larger: 1.4,
  little: 0.65,
  magnify: 1.4,
  mini: 0.5,
  miniature: 0.5,
  shrink: 0.65,
  small: 0.65,
  smaller: 0.65,
  taller: 1.3,
  tiny: 0.45,
};

/** How far a word before a colour shifts it: below 0 towards black, above 0 towards white. */
export const shades: Readonly<Record<string, number>> = {
  dark: -0.35,
  deep: -0.25,
  light: 0.4,
  pale: 0.5,
  pastel: 0.45,
};

/** What comparatives such as "darker" ask for, relative to the picture so far. */
export const moods: Readonly<Record<string, Setting>> = {
  brighter: { time: 'day', weather: 'clear' },
  colder: { season: 'winter', weather: 'snow' },
  darker: { time: 'night' },
  lighter: { time: 'day', weather: 'clear' },
  snow: { season: 'winter', weather: 'snow' },
  snowy: { season: 'winter', weather: 'snow' },
  warmer: { season: 'summer', weather: 'clear' },
};

function toTable<Meaning extends string>(lists: Partial<Record<Meaning, string>>): ReadonlyMap<string, Meaning> {
  // All keys of the lists are meanings, as the type of the parameter says.
  const entries = Object.entries(lists) as [Meaning, string][];
  return new Map(entries.flatMap(([meaning, words]) => words.split(' ').map((word) => [word, meaning] as const)));
}
