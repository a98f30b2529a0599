import type { Colour } from '../colour.ts';
import type { BackgroundKind, Season, Style, TimeOfDay, Weather } from '../scene.ts';
import { toTraits } from '../subjects/traits.ts';
import { colourWords } from './colours.ts';
import { matchAt, someOfThem, toCount } from './match.ts';
import { mostOfAKind } from './numbers.ts';
import type { Setting } from './settings.ts';
import { toWords } from './words.ts';

/** A thing that the prompt names. */
export interface Noun {
  readonly name: string;
  readonly count: number;
  readonly tint?: Colour;
  /** What the words before it say about its relation to the previous noun. */
  readonly relation?: 'worn' | 'ridden';
  /** How edits changed it. Absent if the thing is as the prompt names it. */
  readonly edited?: Edited;
}

/** The state of a noun after edits. It keeps the place of the original thing, so that nothing else in the picture moves. */
export interface Edited {
  /** The thing whose place it took. */
  readonly insteadOf?: { readonly name: string; readonly count: number };
  /** It was added after everything was placed, and finds room among the others. */
  readonly isAdded?: boolean;
  /** Its place is kept and stays empty. */
  readonly isRemoved?: boolean;
  /** How large it is compared to its normal size. Default: 1. */
  readonly scale?: number;
  /** The index of the noun that wears it. */
  readonly wearer?: number;
}

/** What a prompt asks for, before anything is placed in the picture. */
export interface Reading {
  /** In the order of the prompt, each name once. */
  readonly nouns: readonly Noun[];
  readonly background?: BackgroundKind;
  readonly time?: TimeOfDay;
  readonly weather?: Weather;
  readonly season?: Season;
  readonly styles: readonly Style[];
  readonly isPortrait: boolean;
  /** A colour for the whole picture, not for a thing in it. */
  readonly wash?: Colour;
  /** A colour for the sky only. */
  readonly skyTint?: Colour;
}

export function readPrompt(prompt: string): Reading {
  const words = toWords(prompt);
  const nouns: Noun[] = [];
  const found: Setting[] = [];
  let lastNoun: LastNoun | undefined;
  let qualifiers = noQualifiers;
  for (let start = 0; start < words.length; ) {
    const match = matchAt(words, start);
    if (match.setting !== undefined) found.push(match.setting);
    if (match.noun !== undefined) {
      if (isModifier(lastNoun, match.noun, start)) nouns.pop();
      addNoun(nouns, toNoun(match.noun, match.isPlural, qualifiers));
      lastNoun = { name: match.noun, end: start + match.length };
    }
    qualifiers =
      match.noun === undefined
        ? qualify(qualifiers, words, start, match.setting?.background !== undefined)
        : noQualifiers;
    start += match.length;
  }
  return { nouns: nouns.slice(0, mostNouns), ...merge(found) };
}

const mostNouns = 8;

interface LastNoun {
  readonly name: string;
  readonly end: number;
}

/** A samurai cat is a cat: when two creatures follow each other, the first only describes the second. */
function isModifier(last: LastNoun | undefined, name: string, start: number): boolean {
  return last?.end === start && last.name !== name && toTraits(last.name).isCreature && toTraits(name).isCreature;
}

interface Qualifiers {
  readonly count?: number;
  readonly tint?: Colour;
  readonly relation?: 'worn' | 'ridden';
  /** Words since a colour or a count was read. These apply only to nouns within reach. */
  readonly age: number;
}

const noQualifiers: Qualifiers = { age: 0 };
const longestReach = 3;

function qualify(qualifiers: Qualifiers, words: readonly string[], index: number, endsPhrase: boolean): Qualifiers {
  const word = words[index] ?? '';
  if (endsPhrase || /[,.;:!?]/.test(word) || qualifiers.age > longestReach) return { age: 0 };
  const count = toCount(word, words[index + 1]);
  if (count !== undefined) return { ...qualifiers, count: qualifiers.count ?? count, age: 0 };
  const tint = Object.hasOwn(colourWords, word) ? colourWords[word] : undefined;
  if (tint !== undefined) return { ...qualifiers, tint, age: 0 };
  const relation = Object.hasOwn(relationWords, word) ? relationWords[word] : undefined;
  if (relation !== undefined) return { relation, age: 0 };
  return { ...qualifiers, age: qualifiers.age + 1 };
}

const relationWords: Readonly<Record<string, 'worn' | 'ridden'>> = {
  wearing: 'worn',
  wears: 'worn',
  riding: 'ridden',
  rides: 'ridden',
};

function toNoun(name: string, isPlural: boolean | undefined, { count, tint, relation }: Qualifiers): Noun {
  return {
    name,
    count: Math.min(count ?? (isPlural ? someOfThem : 1), mostOfAKind),
    ...(tint !== undefined && { tint }),
    ...(relation !== undefined && { relation }),
  };
}

/** A thing named twice is the same thing ("corgi puppies"). */
function addNoun(nouns: Noun[], noun: Noun): void {
  const index = nouns.findIndex(({ name }) => name === noun.name);
  const known = nouns[index];
  if (known === undefined) nouns.push(noun);
  else nouns[index] = { ...known, count: Math.max(known.count, noun.count) };
}

/** The first setting of each kind counts, but all styles are kept. */
function merge(found: readonly Setting[]): Omit<Reading, 'nouns'> {
  const styles = new Set(found.flatMap(({ style }) => style ?? []));
  const { style, isPortrait, ...stage } = Object.assign({}, ...found.toReversed()) as Setting;
  return { ...stage, styles: [...styles], isPortrait: found.some((setting) => setting.isPortrait) };
}
