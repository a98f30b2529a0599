import { loadIcons } from '../icons.ts';
import { colourWords } from './colours.ts';
import { containers } from './containers.ts';
import { type Lexicon, loadLexicon, longestPhrase } from './lexicon.ts';
import { collectiveWords, countWords, mostOfAKind } from './numbers.ts';
import { type Setting, settings } from './settings.ts';
import { stopWords } from './stop-words.ts';
import { toSingulars } from './words.ts';

/** What the words at one position of a text mean: a noun, a setting, or nothing. */
export interface Match {
  readonly length: number;
  readonly noun?: string;
  readonly isPlural?: boolean;
  readonly setting?: Setting;
}

/** The longest phrase with a meaning that starts here. A setting takes precedence over a noun of the same length. */
export function matchAt(words: readonly string[], start: number): Match {
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

/** "Orange" is a colour before a noun and a fruit at the end. A number is never a noun. */
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

/** How many of the next noun a word asks for. */
export function toCount(word: string, next: string | undefined): number | undefined {
  if (collectiveWords.has(word) && next !== 'of') return undefined;
  if (Object.hasOwn(countWords, word)) return countWords[word];
  if (next === 'of' && !containers.has(word) && toSingulars(word).some((singular) => containers.has(singular)))
    return someOfThem;
  return /^\d{1,2}$/.test(word) && Number(word) > 0 ? Math.min(Number(word), mostOfAKind) : undefined;
}

/** A plural without a number. */
export const someOfThem = 3;
