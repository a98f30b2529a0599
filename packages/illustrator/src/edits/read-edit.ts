import type { Setting } from '../language/settings.ts';
import { type Clause, type Item, isTarget, toClauses } from './clauses.ts';
import type { Edit, Target, Thing } from './edit.ts';
import { toLexemes } from './lexemes.ts';
import { readMaking } from './read-making.ts';
import { sizes } from './words-of-edits.ts';

/** The changes that a text asks for, in order. A text that only names things gives mentions of them. */
export function readEdit(text: string): readonly Edit[] {
  return toClauses(toLexemes(text)).flatMap(readClause);
}

/** Whether a text changes what is there, rather than describing a picture. */
export function wantsChange(text: string): boolean {
  return readEdit(text).some(({ kind }) => changes.has(kind));
}

const changes: ReadonlySet<Edit['kind']> = new Set(['recolour', 'remove', 'replace', 'resize']);

function readClause(clause: Clause): readonly Edit[] {
  switch (clause.verb) {
    case 'keep':
      return [];
    case 'undo':
      return [{ kind: 'undo' }];
    case 'remove':
      return readRemoval(clause.segments.flat());
    case 'resize':
      return [{ kind: 'resize', targets: toTargets(clause.segments.flat()), factor: sizes[clause.word] ?? 1 }];
    case 'add':
      return readAddition(clause.segments.flat());
    default:
      return readMaking(clause);
  }
}

/** The things that are named, or else the thing mentioned last. */
function toTargets(items: readonly Item[]): readonly Target[] {
  const targets = items.filter(isTarget);
  return targets.length > 0 ? targets : [{ kind: 'it' }];
}

function readRemoval(items: readonly Item[]): readonly Edit[] {
  const kept = items.findIndex((item) => item.kind === 'separator' && item.word === 'except');
  if (kept >= 0) return [{ kind: 'remove', targets: items.slice(kept).filter(isTarget), isAllBut: true }];
  const things = items.filter(
    (item) => item.kind !== 'background' && isTarget(item) && !(item.kind === 'thing' && item.isPlaced),
  );
  const settings = items.flatMap((item) => (item.kind === 'setting' ? item.setting : []));
  const isBare = items.some(({ kind }) => kind === 'background');
  const isUnsaid = things.length === 0 && settings.length === 0 && !isBare;
  return [
    ...(things.length > 0 || isUnsaid
      ? [{ kind: 'remove', targets: toTargets(things), isAllBut: false } as const]
      : []),
    ...settings.map((setting) => ({ kind: 'clear', setting }) as const),
    ...(isBare ? [{ kind: 'restage', setting: { background: 'studio' } } as const] : []),
  ];
}

/** The place of a new thing does not ask for another background: a bird in the sky is still over the town. */
function readAddition(items: readonly Item[]): readonly Edit[] {
  const things = items.filter((item) => item.kind === 'thing');
  const isNewThing = things.some((thing) => thing.article !== 'definite' && !thing.isPlaced);
  const targets = toTargets(items.filter((item) => item.kind !== 'thing' || !isNew(item)));
  return [
    ...things
      .toSorted((one, other) => Number(isNew(one)) - Number(isNew(other)))
      .map((thing) => ({ kind: 'add', thing }) as const),
    ...items.flatMap((item): readonly Edit[] => {
      if (item.kind === 'colour') return [{ kind: 'recolour', targets, colour: item.colour }];
      if (item.kind === 'size') return [{ kind: 'resize', targets, factor: item.factor }];
      if (item.kind !== 'setting') return [];
      return [{ kind: 'restage', setting: isNewThing ? withoutBackground(item.setting) : item.setting }];
    }),
  ];
}

function isNew({ article, isPlaced }: Thing): boolean {
  return article !== 'definite' && !isPlaced;
}

function withoutBackground({ background: _elsewhere, ...setting }: Setting): Setting {
  return setting;
}
