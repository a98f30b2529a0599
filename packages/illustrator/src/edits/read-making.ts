import { type Clause, type Item, isTarget } from './clauses.ts';
import type { Edit, Target, Thing } from './edit.ts';
import type { Verb } from './words-of-edits.ts';

/**
 * What "make", "change A to B" or a text without a verb asks for. The things named first change, and what follows is the
 * result. Things without a result wait for the next one: "the cup and the bear blue" changes both.
 */
export function readMaking({ verb, word, segments }: Clause): readonly Edit[] {
  const edits: Edit[] = [];
  let waiting: readonly Target[] = [];
  for (const segment of segments) {
    const part = readSegment(segment, { verb, isReversed: word.startsWith('substitut'), waiting });
    edits.push(...part.edits);
    waiting = part.waiting;
  }
  return [...edits, ...waiting.flatMap(toMention)];
}

interface Making {
  readonly verb: Verb | undefined;
  /** "Substitute B for A". */
  readonly isReversed: boolean;
  readonly waiting: readonly Target[];
}

interface Made {
  readonly edits: readonly Edit[];
  readonly waiting: readonly Target[];
}

function readSegment(items: readonly Item[], making: Making): Made {
  const instead = items.findIndex((item) => item.kind === 'instead');
  if (instead >= 0) return readInstead(items, instead, making);
  const to = findSeparator(items, making.verb);
  if (to < 0) return readPlain(items, making);
  const [before, after] = [items.slice(0, to), items.slice(to + 1)];
  const [changed, becoming] = making.isReversed ? [after, before] : [before, after];
  const targets = [...making.waiting, ...changed.filter(isTarget).filter((target) => !isAside(target))];
  return { edits: becoming.flatMap((item) => toEdit(item, targets)), waiting: [] };
}

/** The first word that separates what changes from the result. Other words count only if nothing else is possible. */
function findSeparator(items: readonly Item[], verb: Verb | undefined): number {
  return items.findIndex(
    (item) => item.kind === 'separator' && (verb === 'change' || (item.word !== 'for' && item.word !== 'by')),
  );
}

/** "A cat instead of the dog", or "a cat instead" of the thing mentioned last. */
function readInstead(items: readonly Item[], at: number, { waiting }: Making): Made {
  const [before, after] = [items.slice(0, at), items.slice(at + 1)];
  const things = [...before, ...after].filter((item) => item.kind === 'thing');
  const replaced = after.filter(isTarget);
  const isOf = items[at]?.kind === 'instead' && replaced.length > 0;
  const targets = isOf ? replaced : waiting.length > 0 ? waiting : before.filter(isPronoun);
  const by = (isOf ? before : things).filter((item) => !isPronoun(item));
  return { edits: by.flatMap((item) => toEdit(item, targets)), waiting: [] };
}

function isPronoun(item: Item): item is Target {
  return isTarget(item) && item.kind !== 'thing';
}

function readPlain(items: readonly Item[], { verb, waiting }: Making): Made {
  const edits: Edit[] = [];
  const [targets, isFollowed] = [[...waiting], items.length];
  let isSaid = false;
  for (const [index, item] of items.entries()) {
    if (item.kind === 'thing' && isAside(item) && targets.length > 0) continue;
    const becomes = item.kind === 'thing' && verb === 'make' && item.article === 'indefinite' && targets.length > 0;
    if (isTarget(item) && !becomes) {
      if (isSaid) targets.length = 0;
      isSaid = false;
      targets.push(item);
    } else if (item.kind !== 'setting' || !isMerelyNamed(item, verb, index + 1 < isFollowed)) {
      edits.push(...toEdit(item, targets));
      isSaid ||= item.kind !== 'setting';
    }
  }
  return { edits, waiting: isSaid ? [] : targets };
}

/** "Make the forest snowy" does not ask for a forest. */
function isMerelyNamed(
  { isDefinite, isPlaced }: Extract<Item, { kind: 'setting' }>,
  verb: Verb | undefined,
  isFollowed: boolean,
): boolean {
  return verb !== undefined && isDefinite && !isPlaced && isFollowed;
}

/** "The cup next to the panda" is about the cup. */
function isAside(target: Target): boolean {
  return target.kind === 'thing' && target.isPlaced;
}

function toEdit(item: Item, targets: readonly Target[]): readonly Edit[] {
  switch (item.kind) {
    case 'thing':
      return [toReplacement(targets, item)];
    case 'colour':
      return [{ kind: 'recolour', targets: orIt(targets), colour: item.colour }];
    case 'size':
      return [{ kind: 'resize', targets: orIt(targets), factor: item.factor }];
    case 'setting':
      return [{ kind: 'restage', setting: item.setting }];
    default:
      return [];
  }
}

/** A new background does not replace a thing. */
function toReplacement(targets: readonly Target[], by: Thing): Edit {
  const isStage = targets.length > 0 && targets.every(({ kind }) => kind === 'background' || kind === 'sky');
  return isStage
    ? { kind: 'add', thing: by }
    : { kind: 'replace', targets: targets.length > 0 ? targets : [{ kind: 'lead' }], by };
}

function orIt(targets: readonly Target[]): readonly Target[] {
  return targets.length > 0 ? targets : [{ kind: 'it' }];
}

function toMention(target: Target): readonly Edit[] {
  return target.kind === 'thing' ? [{ kind: 'mention', thing: target }] : [];
}
