import type { Dice } from '../dice.ts';
import type { Subject } from '../scene.ts';
import type { Piece } from './piece.ts';
import { seat } from './riding.ts';

export interface RowRoom {
  /** Where the row's part of the picture begins. Default: 0. */
  readonly left?: number;
  readonly width: number;
  /** The position of the main piece. The others are up to `depth` farther away. */
  readonly footY: number;
  readonly depth: number;
  readonly shadow: Subject['shadow'];
  /** How far away the whole row is, from 0 to 1. */
  readonly farness?: number;
  /** Keeps the middle free for a subject in front. */
  readonly isAside?: boolean;
}

/** Places pieces side by side on the ground: the main one in front in the middle, the others alternately right and left. */
export function arrangeRow(pieces: readonly Piece[], room: RowRoom, dice: Dice): readonly Subject[] {
  const [front, back] = pieces.length > mostInARow ? splitRow(pieces) : [pieces, []];
  const far = { ...room, footY: room.footY - room.depth, depth: room.depth * 0.4, farness: (room.farness ?? 0) + 0.12 };
  const behind =
    back.length > 0
      ? arrangeRow(
          back.map((piece) => resize(piece, 0.78)),
          far,
          dice.fork('back'),
        )
      : [];
  return [...behind, ...placeRow(front, room, dice)];
}

const mostInARow = 5;

function splitRow(pieces: readonly Piece[]): readonly [readonly Piece[], readonly Piece[]] {
  const inFront = Math.min(mostInARow, Math.ceil(pieces.length / 2));
  return [pieces.slice(0, inFront), pieces.slice(inFront)];
}

function placeRow(pieces: readonly Piece[], room: RowRoom, dice: Dice): readonly Subject[] {
  const shrink = Math.min(1, (room.width * 0.9) / Math.max(1, toWidth(pieces)));
  const order = fromTheMiddle(pieces.map((piece) => resize(piece, shrink)));
  let x = toStart(order, room, dice);
  const placed = order.map(({ piece, rank }) => {
    const half = piece.size * 0.46;
    const subjects = placeOne(piece, x + half, rank, room, dice);
    x += half * 2;
    return { rank, subjects };
  });
  return placed.toSorted((one, other) => other.rank - one.rank).flatMap(({ subjects }) => subjects);
}

function placeOne(piece: Piece, x: number, rank: number, room: RowRoom, dice: Dice): readonly Subject[] {
  const back = rank === 0 ? 0 : dice.between(0.25, 1);
  const spot = {
    x,
    y: room.footY - room.depth * back,
    distance: (room.farness ?? 0) + (rank === 0 ? 0 : back * 0.12),
    isFlipped: rank % 2 === 1,
    shadow: room.shadow,
  };
  return seat(resize(piece, 1 - back * 0.16), spot);
}

function toStart(order: readonly { piece: Piece }[], room: RowRoom, dice: Dice): number {
  const free = room.width - toWidth(order.map(({ piece }) => piece));
  const left = room.left ?? 0;
  if (room.isAside && order.length === 1) return left + free * dice.pick([0.08, 0.13, 0.87, 0.92]);
  return left + free / 2 + free * dice.between(-0.06, 0.06);
}

function fromTheMiddle(pieces: readonly Piece[]): readonly { piece: Piece; rank: number }[] {
  const ranked = pieces.map((piece, rank) => ({ piece, rank }));
  return [...ranked.filter(({ rank }) => rank % 2 === 0).toReversed(), ...ranked.filter(({ rank }) => rank % 2 === 1)];
}

function toWidth(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { size }) => sum + size * 0.92, 0);
}

function resize(piece: Piece, factor: number): Piece {
  return { ...piece, size: piece.size * factor };
}
