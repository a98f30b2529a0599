import type { Colour } from '../colour.ts';
import { colourWords } from '../language/colours.ts';
import { matchAt, toCount } from '../language/match.ts';
import type { Setting } from '../language/settings.ts';
import { toWords } from '../language/words.ts';
import type { TargetRole } from './edit.ts';
import {
  definiteWords,
  indefiniteWords,
  moods,
  pictureWords,
  placeWords,
  roles,
  separators,
  shades,
  sizes,
  toVerb,
  type Verb,
  verbsAtTheStart,
} from './words-of-edits.ts';

/** The meaning of one or a few words of an edit, without their context. */
export type Lexeme =
  | { readonly kind: 'noun'; readonly name: string; readonly isPlural: boolean }
  | { readonly kind: 'setting'; readonly setting: Setting }
  | { readonly kind: 'colour'; readonly colour: Colour }
  | { readonly kind: 'shade'; readonly pull: number }
  | { readonly kind: 'size'; readonly factor: number }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'article'; readonly article: 'definite' | 'indefinite' }
  | { readonly kind: 'verb'; readonly verb: Verb; readonly word: string }
  | { readonly kind: 'separator'; readonly word: string }
  | { readonly kind: 'role'; readonly role: TargetRole }
  | { readonly kind: 'place' }
  | { readonly kind: 'instead'; readonly hasOf: boolean }
  /** If firm, it separates two sentences; otherwise two things or two wishes. */
  | { readonly kind: 'break'; readonly isFirm: boolean }
  | { readonly kind: 'other' };

export function toLexemes(text: string): readonly Lexeme[] {
  const words = toWords(text.replace(/['’]s\b/g, '').replace(/[-=–]{1,2}>|→/g, ' into '));
  const lexemes: Lexeme[] = [];
  for (let start = 0; start < words.length; ) {
    const { lexeme, length } = lexAt(words, start, lexemes);
    lexemes.push(lexeme);
    start += length;
  }
  return lexemes;
}

interface Lexed {
  readonly lexeme: Lexeme;
  readonly length: number;
}

/** A phrase of several words always has its own meaning. A single word is first looked up among the words of edits. */
function lexAt(words: readonly string[], start: number, before: readonly Lexeme[]): Lexed {
  const [word = '', next = '', afterNext] = words.slice(start, start + 3);
  if (word === 'without' && next.endsWith('ing')) return { lexeme: { kind: 'verb', verb: 'keep', word }, length: 2 };
  if (word === 'but' && isAll(before.at(-1)) && toVerb(next) === undefined)
    return { lexeme: { kind: 'separator', word: 'except' }, length: 1 };
  if (word === 'instead' || word === 'rather') return toInstead(next);
  if (word === 'in' && next === 'place' && afterNext === 'of')
    return { lexeme: { kind: 'instead', hasOf: true }, length: 3 };
  const { noun, setting, isPlural = false, length } = matchAt(words, start);
  const known: Lexeme | undefined =
    noun !== undefined ? { kind: 'noun', name: noun, isPlural } : setting && { kind: 'setting', setting };
  if (known !== undefined && length > 1) return { lexeme: known, length };
  const previous = before.at(-1);
  const lexeme =
    toMark(word) ??
    toFruit(word, next, previous) ??
    toRole(words, start, before) ??
    toDescription(word, next, previous) ??
    toWordOfEdits(word, previous) ??
    known ??
    (placeWords.has(word) ? { kind: 'place' } : { kind: 'other' });
  return { lexeme, length: 1 };
}

function isAll(lexeme: Lexeme | undefined): boolean {
  return lexeme?.kind === 'role' && lexeme.role === 'all';
}

function toInstead(next: string): Lexed {
  const hasOf = next === 'of' || next === 'than';
  return { lexeme: { kind: 'instead', hasOf }, length: hasOf ? 2 : 1 };
}

/** "Orange" and "peach" are things after "an" and "a" when no other thing follows. */
function toFruit(word: string, next: string, previous: Lexeme | undefined): Lexeme | undefined {
  if (!Object.hasOwn(colourWords, word) || !isIndefinite(previous)) return undefined;
  const isLast = next === '' || placeWords.has(next) || separators.has(next) || toMark(next) !== undefined;
  const { noun, isPlural = false } = isLast ? matchAt([word], 0) : {};
  return noun === undefined ? undefined : { kind: 'noun', name: noun, isPlural };
}

function isIndefinite(lexeme: Lexeme | undefined): boolean {
  return lexeme?.kind === 'count' || (lexeme?.kind === 'article' && lexeme.article === 'indefinite');
}

function toMark(word: string): Lexeme | undefined {
  if (/^[.;:!?]$/.test(word)) return { kind: 'break', isFirm: true };
  return joiners.has(word) ? { kind: 'break', isFirm: false } : undefined;
}

const joiners: ReadonlySet<string> = new Set([',', 'and', 'plus', 'then', 'but', 'also', 'while', 'now']);

function toRole(words: readonly string[], start: number, before: readonly Lexeme[]): Lexeme | undefined {
  const [word = '', next = '', afterNext = ''] = words.slice(start, start + 3);
  const previous = before.at(-1);
  const isDefinite = previous?.kind === 'article' && previous.article === 'definite';
  if (word === 'all' && matchAt([next === 'the' || next === 'of' ? afterNext : next], 0).noun !== undefined)
    return { kind: 'article', article: 'definite' };
  if (pictureWords.has(word) && isDefinite) return { kind: 'role', role: 'picture' };
  if (word === 'sky' && isDefinite && !isPlacing(before.at(-2))) return { kind: 'role', role: 'sky' };
  const role = roles.get(word);
  return role && { kind: 'role', role };
}

function isPlacing(lexeme: Lexeme | undefined): boolean {
  return lexeme?.kind === 'place' || lexeme?.kind === 'separator';
}

function toDescription(word: string, next: string, previous: Lexeme | undefined): Lexeme | undefined {
  const colour = own(colourWords, word);
  if (colour !== undefined) return { kind: 'colour', colour };
  const pull = own(shades, word);
  if (pull !== undefined && Object.hasOwn(colourWords, next)) return { kind: 'shade', pull };
  const mood = own(moods, word);
  if (mood !== undefined && previous?.kind !== 'place') return { kind: 'setting', setting: mood };
  const factor = own(sizes, word);
  if (factor !== undefined && toVerb(word) === undefined) return { kind: 'size', factor };
  if (definiteWords.has(word)) return { kind: 'article', article: 'definite' };
  if (indefiniteWords.has(word)) return { kind: 'article', article: 'indefinite' };
  const count = toCount(word, next);
  return count === undefined ? undefined : { kind: 'count', count };
}

function toWordOfEdits(word: string, previous: Lexeme | undefined): Lexeme | undefined {
  const isNamed = previous?.kind === 'noun' || previous?.kind === 'article' || previous?.kind === 'colour';
  const verb = toVerb(word) ?? (isNamed ? undefined : verbsAtTheStart.get(word));
  if (separators.has(word)) return { kind: 'separator', word };
  return verb && { kind: 'verb', verb, word };
}

function own<Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
