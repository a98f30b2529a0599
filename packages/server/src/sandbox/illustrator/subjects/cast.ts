import type { Colour } from '../colour.ts';
import type { Noun } from '../language/read-prompt.ts';
import { accessories, type Traits, toTraits } from './traits.ts';

/** A noun that will stand in the picture, with what it wears and rides. */
export interface Member {
  readonly name: string;
  readonly count: number;
  readonly traits: Traits;
  readonly tint?: Colour;
  readonly worn: readonly string[];
  readonly mount?: Member;
}

/** The nouns as members, the main one first: the first thing named that is not merely in the sky. */
export function toCast(nouns: readonly Noun[]): readonly Member[] {
  const members: Member[] = [];
  for (const noun of nouns) {
    const last = members.findLastIndex(({ traits }) => traits.isCreature);
    const owner = members[last];
    if (owner !== undefined && noun.relation === 'ridden') members[last] = { ...owner, mount: toMember(noun) };
    else if (owner !== undefined && isWorn(noun)) members[last] = { ...owner, worn: [...owner.worn, noun.name] };
    else members.push(toMember(noun));
  }
  const lead = members.findIndex(({ traits }) => traits.place !== 'sky');
  return lead <= 0
    ? members
    : [...members.slice(lead, lead + 1), ...members.slice(0, lead), ...members.slice(lead + 1)];
}

function isWorn({ name, count }: Noun): boolean {
  return accessories.has(name) && count === 1;
}

function toMember({ name, count, tint }: Noun): Member {
  return { name, count, traits: toTraits(name), worn: [], ...(tint !== undefined && { tint }) };
}
