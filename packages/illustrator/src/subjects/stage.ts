import type { Colour } from '../colour.ts';
import type { BackgroundKind, Pose } from '../scene.ts';
import type { Member } from './cast.ts';
import { type Piece, toPiece } from './piece.ts';

/** The space for the subjects. */
export interface Stage {
  readonly canvas: { readonly width: number; readonly height: number };
  readonly background: BackgroundKind;
  readonly horizon: number;
  readonly isPortrait: boolean;
}

/** The size of a single main subject of size 1. */
export function toUnit({ canvas }: Stage): number {
  return Math.min(canvas.width * 0.66, canvas.height * 0.56);
}

/** The copies of all members. Their sizes are relative to the first member, which gets the full unit. */
export function toPieces(members: readonly Member[], unit: number, wish: (member: Member) => Pose): readonly Piece[] {
  const lead = members[0]?.traits.size ?? 1;
  return members.flatMap((member, index) => {
    const ratio = Math.min(1.3, Math.max(0.3, (member.traits.size / lead) * (isTaken(members[0], member) ? 0.72 : 1)));
    const size = index === 0 ? unit * Math.min(1.15, 0.8 + lead * 0.2) : unit * ratio;
    return Array.from({ length: member.count }, (_, copy) => {
      const piece = toPiece(member, size, wish(member));
      const tint =
        manyColoured.has(member.name) && member.count > 1 ? (piece.tint ?? gaudy[copy % gaudy.length]) : piece.tint;
      return tint === undefined ? piece : { ...piece, tint };
    });
  });
}

/** Whether it is a table thing beside a creature: something that can be held does not compete in size. */
function isTaken(lead: Member | undefined, { traits }: Member): boolean {
  return traits.place === 'table' && lead?.traits.isCreature === true;
}

/** Things that exist in all colours. Several of them get different colours. */
const manyColoured = new Set([
  'fish',
  'balloon',
  'butterfly',
  'tulip',
  'kite',
  'bird',
  'parrot',
  'jellyfish',
  'umbrella',
]);
const gaudy: readonly Colour[] = ['#ff8a3d', '#ffd23f', '#ff5f9e', '#4fd6c0', '#9a6bff', '#ff5f57'];
