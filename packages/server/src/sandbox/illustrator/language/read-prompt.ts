import type { Colour } from '../colour.ts';
import { loadIcons } from '../icons.ts';
import type { BackgroundKind, Season, Style, TimeOfDay, Weather } from '../scene.ts';
import { toTraits } from '../subjects/traits.ts';
import { colourWords } from './colours.ts';
import { containers } from './containers.ts';
import { type Lexicon, loadLexicon, longestPhrase } from './lexicon.ts';
import { collectiveWords, countWords, mostOfAKind } from './numbers.ts';
import { type Setting, settings } from './settings.ts';
import { stopWords } from './stop-words.ts';
import { toSingulars, toWords } from './words.ts';

/** A thing the prompt names. */
export interface Noun {
  readonly name: string;
  readonly count: number;
  readonly tint?: Colour;
  /** What the words before it say about it and the noun before it. */
  readonly relation?: 'worn' | 'ridden';
}

/** What a prompt asks for, before anything has a place in the picture. */
export interface Reading {
  /** In the order of the prompt, each name once. */
  readonly nouns: readonly Noun[];
  readonly background?: BackgroundKind;
  readonly time?: TimeOfDay;
  readonly weather?: Weather;
  readonly season?: Season;
  readonly styles: readonly Style[];
  readonly isPortrait: boolean;
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

/** A samurai cat is a cat: of two creatures in a row of words the first only describes the second. */
function isModifier(last: LastNoun | undefined, name: string, start: number): boolean {
  return last?.end === start && last.name !== name && toTraits(last.name).isCreature && toTraits(name).isCreature;
}

interface Match {
  readonly length: number;
  readonly noun?: string;
  readonly isPlural?: boolean;
  readonly setting?: Setting;
}

/** The longest phrase that starts here and means something; a setting wins over a noun of the same length. */
function matchAt(words: readonly string[], start: number): Match {
  const lexicon = loadLexicon();
  for (let length = Math.min(longestPhrase, words.length - start); length > 0; length--) {
    const phrase = words.slice(start, start + length);
    const match = matchSetting(phrase) ?? matchNoun(phrase, words.slice(start + length, start + length + 2), lexicon);
    if (match !== undefined) return match;
  }
  return { length: 1 };
}

function matchSetting(phrase: readonly string[]): Match | undefined {
  for (const spelling of toSpellings(phrase)) {
    const setting = settings.get(spelling);
    if (setting !== undefined) return { length: phrase.length, setting };
  }
  return undefined;
}

function matchNoun(phrase: readonly string[], following: readonly string[], lexicon: Lexicon): Match | undefined {
  const [first = ''] = phrase;
  if (phrase.length === 1) {
    const emoji = loadIcons().find(first);
    if (emoji !== undefined && !/^\d$/.test(first)) return { length: 1, noun: emoji, isPlural: false };
    if (isColourOrCount(first, following[0]) || isContainer(first, following, lexicon)) return undefined;
  }
  const entries = toSpellings(phrase).flatMap((spelling) => {
    const entry = lexicon.get(spelling);
    return entry === undefined ? [] : [{ ...entry, isPlural: spelling !== phrase.join(' ') }];
  });
  const [best] = entries.toSorted((one, other) => other.trust - one.trust);
  return best && { length: phrase.length, noun: best.icon, isPlural: best.isPlural };
}

/** "Orange" is a colour before a noun and a fruit at the end; a number is never a noun. */
function isColourOrCount(word: string, next: string | undefined): boolean {
  if (Object.hasOwn(countWords, word) && !collectiveWords.has(word)) return true;
  if (collectiveWords.has(word) && next === 'of') return true;
  return Object.hasOwn(colourWords, word) && next !== undefined && /\p{L}/u.test(next) && !stopWords.has(next);
}

function isContainer(word: string, [next, thing = '']: readonly string[], lexicon: Lexicon): boolean {
  if (next !== 'of' || !toSingulars(word).some((singular) => containers.has(singular))) return false;
  return toSingulars(thing).some((singular) => lexicon.has(singular));
}

function toSpellings(phrase: readonly string[]): readonly string[] {
  const before = phrase.slice(0, -1).join(' ');
  const singulars = toSingulars(phrase.at(-1) ?? '');
  return before === '' ? singulars : singulars.map((singular) => `${before} ${singular}`);
}

interface Qualifiers {
  readonly count?: number;
  readonly tint?: Colour;
  readonly relation?: 'worn' | 'ridden';
  /** Words since a colour or a count was read: it reaches only so far. */
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

function toCount(word: string, next: string | undefined): number | undefined {
  if (collectiveWords.has(word) && next !== 'of') return undefined;
  if (Object.hasOwn(countWords, word)) return countWords[word];
  if (next === 'of' && !containers.has(word) && toSingulars(word).some((singular) => containers.has(singular)))
    return someOfThem;
  return /^\d{1,2}$/.test(word) && Number(word) > 0 ? Math.min(Number(word), mostOfAKind) : undefined;
}

/** A plural without a number. */
const someOfThem = 3;

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

/** The first background wins; of the rest, whichever is said first. */
function merge(found: readonly Setting[]): Omit<Reading, 'nouns'> {
  const styles = new Set(found.flatMap(({ style }) => style ?? []));
  const { style, isPortrait, ...stage } = Object.assign({}, ...found.toReversed()) as Setting;
  return { ...stage, styles: [...styles], isPortrait: found.some((setting) => setting.isPortrait) };
}
