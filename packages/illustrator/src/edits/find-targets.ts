import { loadIcons } from '../icons.ts';
import type { Noun, Reading } from '../language/read-prompt.ts';
import { toHead } from '../subjects/heads.ts';
import { toTraits } from '../subjects/traits.ts';
import type { Target, Thing } from './edit.ts';
import type { State } from './state.ts';

/** The indexes of the visible nouns. */
export function findVisible({ nouns }: Reading): readonly number[] {
  return nouns.flatMap(({ edited }, index) => (edited?.isRemoved ? [] : [index]));
}

/** The indexes of the nouns that the text means, each once. Empty when it means nothing in the picture. */
export function findTargets(state: State, targets: readonly Target[]): readonly number[] {
  return [...new Set(targets.flatMap((target) => findTarget(state, target)))];
}

function findTarget({ reading, last }: State, target: Target): readonly number[] {
  const visible = findVisible(reading);
  switch (target.kind) {
    case 'thing':
      return findThing(reading, visible, target);
    case 'it': {
      const spoken = last.filter((index) => visible.includes(index));
      return spoken.length > 0 ? spoken : findLead(reading, visible);
    }
    case 'lead':
      return findLead(reading, visible);
    case 'all':
      return visible;
    default:
      return [];
  }
}

/** The creature, or else the thing, that was named first. */
function findLead({ nouns }: Reading, visible: readonly number[]): readonly number[] {
  const bodies = visible.filter((index) => nouns[index]?.edited?.wearer === undefined);
  const creature = bodies.find((index) => toTraits(nouns[index]?.name ?? '').isCreature);
  return [creature ?? bodies[0] ?? visible[0] ?? []].flat();
}

/** Finds by the exact name, or else by a similar one. Of several, those with the named colour. */
function findThing({ nouns }: Reading, visible: readonly number[], { name, tint, isPlural }: Thing): readonly number[] {
  const likenesses: readonly ((noun: Noun) => boolean)[] = [
    (noun) => noun.name === name,
    (noun) => toHead(noun.name) === toHead(name),
    (noun) => areAlike(noun.name, name),
  ];
  for (const isLike of likenesses) {
    const found = visible.filter((index) => {
      const noun = nouns[index];
      return noun !== undefined && isLike(noun);
    });
    const tinted = found.filter((index) => tint !== undefined && nouns[index]?.tint === tint);
    if (tinted.length > 0) return tinted;
    if (found.length > 0) return isPlural ? found : found.slice(-1);
  }
  return [];
}

const kinds: readonly ReadonlySet<string>[] = [
  ['latte', 'hot-beverage', 'teapot', 'teacup-without-handle'],
  ['automobile', 'taxi', 'sport-utility-vehicle', 'racing-car', 'pickup-truck', 'oncoming-automobile'],
  ['house', 'houses', 'house-with-garden', 'hut'],
  ['sailboat', 'passenger-ship', 'ship', 'motor-boat', 'ferry', 'canoe'],
  ['full-moon', 'crescent-moon'],
  ['top-hat', 'womans-hat', 'billed-cap'],
  ['glasses', 'sunglasses', 'goggles'],
].map((names) => new Set(names));

/** A cup is a coffee, a girl is a woman, a polar bear is a bear. */
function areAlike(one: string, other: string): boolean {
  if (kinds.some((kind) => kind.has(one) && kind.has(other))) return true;
  const [category, otherCategory] = [one, other].map((name) => loadIcons().category(name));
  if (category === 'People & Body' && otherCategory === category) return true;
  const [last, otherLast] = [one, other].map((name) => name.split('-').at(-1));
  return last === otherLast;
}
