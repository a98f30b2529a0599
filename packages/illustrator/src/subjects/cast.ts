import type { Colour } from '../colour.ts';
import type { Noun } from '../language/read-prompt.ts';
import type { Worn } from '../scene.ts';
import { accessories, type Traits, toTraits } from './traits.ts';

/** A noun that will be in the picture, with what it wears and rides. */
export interface Member {
  readonly name: string;
  readonly count: number;
  readonly traits: Traits;
  readonly tint?: Colour;
  readonly worn: readonly Worn[];
  /** Index of its noun. */
  readonly noun: number;
  readonly mount?: Member;
}

/** The nouns as members, the main one first: the first thing named that is not merely in the sky. */
export function toCast(nouns: readonly Noun[]): readonly Member[] {
  const members: Member[] = [];
  for (const [index, noun] of nouns.entries()) {
    const last = members.findLastIndex(({ traits }) => traits.isCreature);
    const owner = members[last];
    if (owner !== undefined && noun.relation === 'ridden') members[last] = { ...owner, mount: toMember(noun, index) };
    else if (owner !== undefined && isWorn(noun))
      members[last] = { ...owner, worn: [...owner.worn, toWorn(noun, index)] };
    else members.push(toMember(noun, index));
  }
  const lead = members.findIndex(({ traits }) => traits.place !== 'sky');
  return lead <= 0
    ? members
    : [...members.slice(lead, lead + 1), ...members.slice(0, lead), ...members.slice(lead + 1)];
}

/** Whether a creature wears this thing instead of being beside it. */
export function isWorn({ name, count }: Pick<Noun, 'name' | 'count'>): boolean {
  return accessories.has(name) && count === 1;
}

export function toWorn({ name, tint }: Noun, noun: number): Worn {
  return { name, noun, ...(tint !== undefined && { tint }) };
}

export function toMember({ name, count, tint }: Noun, noun: number): Member {
  return { name, count, noun, traits: toTraits(name), worn: [], ...(tint !== undefined && { tint }) };
}
