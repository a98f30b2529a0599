import { type Colour, darken, lighten } from '../colour.ts';
import type { Setting } from '../language/settings.ts';
import { toTraits } from '../subjects/traits.ts';
import type { Target, Thing } from './edit.ts';
import type { Lexeme } from './lexemes.ts';
import type { Verb } from './words-of-edits.ts';

/** A verb with the words that follow it. The verb is missing when a text only names things. */
export interface Clause {
  readonly verb?: Verb;
  /** The verb as written in the text. */
  readonly word: string;
  /** The words between two commas or "and"s. */
  readonly segments: readonly (readonly Item[])[];
}

export type Item =
  | Target
  | { readonly kind: 'colour'; readonly colour: Colour }
  | { readonly kind: 'size'; readonly factor: number }
  | { readonly kind: 'setting'; readonly setting: Setting; readonly isDefinite: boolean; readonly isPlaced: boolean }
  | { readonly kind: 'separator'; readonly word: string }
  | { readonly kind: 'instead'; readonly hasOf: boolean };

export function isTarget(item: Item): item is Target {
  switch (item.kind) {
    case 'thing':
    case 'it':
    case 'lead':
    case 'all':
    case 'picture':
    case 'background':
    case 'sky':
      return true;
    default:
      return false;
  }
}

export function toClauses(lexemes: readonly Lexeme[]): readonly Clause[] {
  const clauses: OpenClause[] = [];
  let clause: OpenClause = { word: '', segments: [[]] };
  let words = noWords;
  const open = (next: OpenClause) => {
    clauses.push(clause);
    clause = next;
  };
  for (const [index, lexeme] of lexemes.entries()) {
    const verb = toOpeningVerb(lexeme, clause);
    if (verb !== undefined) open({ ...verb, segments: [[]] });
    else if (lexeme.kind === 'break' && lexeme.isFirm) open({ word: '', segments: [[]] });
    else if (lexeme.kind === 'break') clause.segments.push([]);
    else addItem(clause, toItem(lexeme, lexemes.slice(index + 1), words), lexemes[index - 1]);
    words = toNextWords(words, lexeme);
  }
  return [...clauses, clause].filter(({ verb, segments }) => verb !== undefined || segments.flat().length > 0);
}

interface OpenClause {
  readonly verb?: Verb;
  readonly word: string;
  readonly segments: Item[][];
}

/** A text may also say what to keep with a verb: "do not change the cup". */
function toOpeningVerb(lexeme: Lexeme, { verb, segments }: OpenClause): Pick<Clause, 'verb' | 'word'> | undefined {
  if (lexeme.kind === 'separator') {
    const isBetween = verb === 'change' && !segments.at(-1)?.some(({ kind }) => kind === 'separator');
    return lexeme.word === 'with' && !isBetween && verb !== 'keep' ? { verb: 'add', word: 'with' } : undefined;
  }
  if (lexeme.kind !== 'verb') return undefined;
  if (verb === 'keep' && segments.length === 1) return undefined;
  return lexeme;
}

/** What was said about the next noun. */
interface Words {
  readonly count?: number;
  readonly tint?: Colour;
  readonly scale?: number;
  readonly article?: 'definite' | 'indefinite';
  readonly isPlaced: boolean;
  readonly pull: number;
}

const noWords: Words = { isPlaced: false, pull: 0 };

function toNextWords(words: Words, lexeme: Lexeme): Words {
  switch (lexeme.kind) {
    case 'article':
      return { ...words, article: lexeme.article };
    case 'count':
      return { ...words, count: lexeme.count };
    case 'shade':
      return { ...words, pull: lexeme.pull };
    case 'colour':
      return { ...words, tint: pullColour(lexeme.colour, words.pull), pull: 0 };
    case 'size':
      return { ...words, scale: lexeme.factor };
    case 'place':
      return { ...words, isPlaced: true };
    case 'separator':
      return { ...noWords, isPlaced: lexeme.word !== 'with' && lexeme.word !== 'into' };
    case 'other':
      return words;
    default:
      return noWords;
  }
}

function pullColour(colour: Colour, pull: number): Colour {
  return pull < 0 ? darken(colour, -pull) : lighten(colour, pull);
}

function toItem(lexeme: Lexeme, following: readonly Lexeme[], words: Words): Item | undefined {
  switch (lexeme.kind) {
    case 'noun':
      return toThing(lexeme.name, lexeme.isPlural, words);
    case 'role':
      return { kind: lexeme.role };
    case 'colour':
      return describesNoun(following) ? undefined : { kind: 'colour', colour: pullColour(lexeme.colour, words.pull) };
    case 'size':
      return describesNoun(following) ? undefined : lexeme;
    case 'setting':
      if (following[0]?.kind === 'noun' && isMerelyAdjective(lexeme.setting)) return undefined;
      return { ...lexeme, isDefinite: words.article === 'definite', isPlaced: words.isPlaced };
    case 'separator':
    case 'instead':
      return lexeme;
    default:
      return undefined;
  }
}

/** A winter hat is just a hat, but a neon hat also asks for neon. */
function isMerelyAdjective({ style, time }: Setting): boolean {
  return style === undefined && time === undefined;
}

/** Whether the next thing named is a noun that the words before it belong to. */
function describesNoun(following: readonly Lexeme[]): boolean {
  const next = following.findIndex(({ kind }) => !describing.has(kind));
  return next >= 0 && next <= longestReach && following[next]?.kind === 'noun';
}

const describing: ReadonlySet<Lexeme['kind']> = new Set(['other', 'size', 'count', 'shade', 'colour', 'setting']);
const longestReach = 3;

function toThing(name: string, isPlural: boolean, { pull: _pull, ...words }: Words): Thing {
  const counted = words.count === undefined ? {} : { article: words.article ?? ('indefinite' as const) };
  return { kind: 'thing', name, isPlural, ...words, ...counted };
}

/** A samurai cat is a cat: when two creatures follow each other, the first only describes the second. */
function addItem({ segments }: OpenClause, item: Item | undefined, before: Lexeme | undefined): void {
  const segment = segments.at(-1);
  const last = segment?.at(-1);
  if (segment === undefined || item === undefined) return;
  const isRow = item.kind === 'thing' && last?.kind === 'thing' && before?.kind === 'noun';
  if (isRow && toTraits(item.name).isCreature && toTraits(last.name).isCreature)
    segment.splice(-1, 1, { ...last, name: item.name, isPlural: item.isPlural });
  else segment.push(item);
}
