import type { Colour } from '../colour.ts';
import type { Pose, Subject } from '../scene.ts';
import type { Member } from './cast.ts';
import { toCoat, toHead } from './heads.ts';
import { isCutOff } from './traits.ts';

/** One copy of a member with its final size, but without a place. */
export interface Piece {
  readonly member: Member;
  readonly name: string;
  readonly pose: Pose;
  readonly size: number;
  readonly tint?: Colour;
}

/** How many head squares tall each pose is. */
export const heights: Record<Pose, number> = { icon: 1, figure: 1.78, bust: 1.42 };

/** `wish` is the pose that the composition prefers. Creatures without a body to draw stay icons. */
export function toPiece(member: Member, size: number, wish: Pose): Piece {
  const wantsHead = wish === 'bust' || member.worn.length > 0;
  const head = wantsHead ? toHead(member.name) : member.name;
  const pose = toPose(head, wish);
  const tint = member.tint ?? (member.name === 'black-cat' && head !== member.name ? '#453f5c' : undefined);
  return {
    member,
    name: head,
    pose,
    size: size * (pose === 'figure' ? 0.66 : 1),
    ...(tint !== undefined && { tint }),
  };
}

export function toPose(head: string, wish: Pose): Pose {
  if (toCoat(head) === undefined) return 'icon';
  return wish === 'bust' ? 'bust' : 'figure';
}

/** Whether it ends in a straight cut at its foot, so that it must be behind something. */
export function hasCut(piece: Piece): boolean {
  if (piece.member.mount !== undefined) return false;
  return piece.pose === 'bust' || (piece.pose === 'icon' && isCutOff(piece.name));
}

export type Spot = Pick<Subject, 'x' | 'y' | 'distance'> & Partial<Pick<Subject, 'tilt' | 'isFlipped' | 'shadow'>>;

export function toSubject(piece: Piece, spot: Spot): Subject {
  const { name, pose, size, tint, member } = piece;
  return {
    name,
    pose,
    size,
    noun: member.noun,
    worn: member.worn,
    isFlipped: false,
    tilt: 0,
    shadow: 'ground',
    ...spot,
    ...(tint !== undefined && { tint }),
  };
}
