import { mostOfAKind } from '../language/numbers.ts';
import type { Edited, Noun } from '../language/read-prompt.ts';
import { isWorn } from '../subjects/cast.ts';
import { accessories, toTraits } from '../subjects/traits.ts';
import type { Target, Thing } from './edit.ts';
import { findTargets, findVisible } from './find-targets.ts';
import { changeNouns, type State } from './state.ts';

/** Adds a thing: on the creature it is for, in the place of a removed similar thing, or beside all others. */
export function addThing(state: State, thing: Thing): State {
  const { nouns } = state.reading;
  const noun = toNoun(accessories.has(thing.name) && thing.count === undefined ? { ...thing, count: 1 } : thing);
  const wearer = isWorn(noun) ? findWearer(state) : undefined;
  const free = nouns.findLastIndex((other) => isFreeFor(other, noun, wearer));
  if (free >= 0) return { ...takePlace(state, free, noun), last: [free] };
  if (nouns.length >= mostThings) return state;
  const edited: Edited = { isAdded: true, ...noun.edited, ...(wearer !== undefined && { wearer }) };
  return {
    reading: { ...state.reading, nouns: [...nouns, { ...noun, edited }] },
    // In "give it a hat and make it blue", "it" is the hat. "And a scarf" is again for the wearer.
    last: [nouns.length],
  };
}

const mostThings = 24;
const some = 3;

function toNoun({ name, count, isPlural, tint, scale }: Thing): Noun {
  return {
    name,
    count: Math.min(count ?? (isPlural ? some : 1), mostOfAKind),
    ...(tint !== undefined && { tint }),
    ...(scale !== undefined && { edited: { scale } }),
  };
}

/** The creature mentioned last, or the wearer of the thing mentioned last, or else the main creature. */
function findWearer(state: State): number | undefined {
  const { nouns } = state.reading;
  const visible = findVisible(state.reading);
  const spoken = state.last.map((index) => nouns[index]?.edited?.wearer ?? index);
  const isCreature = (index: number) => visible.includes(index) && toTraits(nouns[index]?.name ?? '').isCreature;
  return spoken.find(isCreature) ?? findTargets(state, [{ kind: 'lead' }]).find(isCreature);
}

function isFreeFor({ name, count, edited }: Noun, noun: Noun, wearer: number | undefined): boolean {
  if (!edited?.isRemoved || count < noun.count || edited.wearer !== wearer) return false;
  if (wearer !== undefined || isWorn({ name, count })) return name === noun.name;
  const [old, traits] = [toTraits(name), toTraits(noun.name)];
  return old.place === traits.place && old.isCreature === traits.isCreature;
}

/** Puts a new thing in the place of another one, with the other's size whatever they are. */
function takePlace(state: State, index: number, noun: Noun): State {
  return changeNouns(state, [index], ({ name, count, relation, edited = {} }) => {
    const { isRemoved: _gone, scale: _old, insteadOf = { name, count }, ...rest } = edited;
    const isBack = insteadOf.name === noun.name && insteadOf.count === noun.count;
    return {
      ...noun,
      ...(relation !== undefined && { relation }),
      edited: { ...rest, ...noun.edited, ...(!isBack && { insteadOf }) },
    };
  });
}

/** The first target becomes the new thing, and the others are removed. Without a target the new thing is added. */
export function replaceThings(state: State, targets: readonly Target[], by: Thing): State {
  const [first, ...others] = findTargets(state, targets);
  const old = state.reading.nouns[first ?? -1];
  if (first === undefined || old === undefined) return addThing(state, by);
  const named = targets.find((target) => target.kind === 'thing');
  const count = by.count ?? (by.isPlural || named?.isPlural === true ? old.count : 1);
  const rest = old.count - (named?.count ?? old.count);
  const left = changeNouns(state, others, leave);
  const noun = { ...toNoun(by), count: by.article === undefined && by.count === undefined ? old.count : count };
  if (rest > 0) return addThing(setCount(left, [first], rest), { ...by, count: named?.count ?? 1 });
  if (mustMove(old, noun)) return addThing(changeNouns(left, [first], leave), by);
  const placed = old.edited?.insteadOf?.count ?? old.count;
  const replaced = takePlace(left, first, { ...noun, count: Math.min(noun.count, placed) });
  const more = noun.count - placed;
  const all = more > 0 ? addThing(replaced, { ...by, count: more }) : replaced;
  return { ...all, last: [first] };
}

function leave({ edited, ...noun }: Noun): Noun {
  return { ...noun, edited: { ...edited, isRemoved: true } };
}

/** Something that walks cannot take the place of something that flies, and a car cannot be worn. */
function mustMove(old: Noun, noun: Noun): boolean {
  const [from, to] = [toTraits(old.name), toTraits(noun.name)];
  const wasWorn = old.edited?.wearer !== undefined || isWorn(old);
  if (wasWorn) return !isWorn(noun);
  return from.place === 'sky' && to.place !== 'sky';
}

/** Additional copies of a thing are placed beside it. When the number shrinks, the nearest copies stay. */
export function setCount(state: State, indexes: readonly number[], count: number): State {
  const [index = -1] = indexes;
  const noun = state.reading.nouns[index];
  if (noun === undefined || count < 1) return state;
  const placed = noun.edited?.insteadOf?.count ?? noun.count;
  const insteadOf = noun.edited?.insteadOf ?? { name: noun.name, count: noun.count };
  const kept = changeNouns(state, [index], (old) => ({
    ...old,
    count: Math.min(count, placed),
    edited: { ...old.edited, insteadOf },
  }));
  if (count <= placed) return kept;
  const { name, tint } = noun;
  const more: Thing = {
    kind: 'thing',
    name,
    count: count - placed,
    isPlural: false,
    isPlaced: false,
    ...(tint !== undefined && { tint }),
  };
  return { ...addThing(kept, more), last: [index] };
}
