import type { Dice } from '../dice.ts';
import type { Pose, Subject } from '../scene.ts';
import { type Arrangement, toGroup, weightless } from './arrange.ts';
import type { Member } from './cast.ts';
import { scatter, scatterInSky, toZone } from './float.ts';
import { hasCut, type Piece, type Spot, toSubject } from './piece.ts';
import { type Stage, toPieces, toUnit } from './stage.ts';

/** Finds room for one more member beside those already placed, without moving any. `lead` sets the scale. */
export function join(arranged: Arrangement, member: Member, { stage, lead, dice }: JoinRoom): Arrangement {
  const { subjects, table } = arranged;
  const isAfloat = weightless.has(stage.background) && !stage.isPortrait;
  const group = toGroup(member, { background: stage.background, hasTable: table !== undefined, index: 1 });
  if (isAfloat) {
    const pieces = toPiecesBeside(lead, member, { unit: toUnit(stage) * 0.7, wish: 'figure' });
    return { ...arranged, subjects: scatter(pieces, toZone(stage), subjects, dice) };
  }
  if (group === 'sky')
    return { ...arranged, subjects: [...scatterInSky([member], stage, subjects, dice), ...subjects] };
  const spot = toRow(group, arranged, stage);
  const pieces = toPiecesBeside(spot.isOnTable ? undefined : lead, member, {
    unit: toUnit(stage) * spot.size,
    wish: spot.wish,
  });
  const joined = pieces.reduce<readonly Subject[]>(
    (placed, piece) => stand(piece, placed, { spot, stage, dice }),
    subjects,
  );
  return { ...arranged, subjects: joined };
}

export interface JoinRoom {
  readonly stage: Stage;
  /** The main member, which determines the size of the new one. */
  readonly lead?: Member | undefined;
  readonly dice: Dice;
}

interface Row extends Omit<Spot, 'x'> {
  /** The fraction of the unit for a new member as large as the main one. */
  readonly size: number;
  readonly wish: Pose;
  /** How much farther to the front there is room. */
  readonly depth: number;
  readonly isInFront: boolean;
  readonly isOnTable?: true;
}

function toRow(group: Group, { subjects, table }: Arrangement, stage: Stage): Row {
  const { height } = stage.canvas;
  const isCrowded = subjects.some(({ y }) => y > height);
  if (table !== undefined && group === 'table') return { ...toTableTop(table, height), isOnTable: true };
  if (table !== undefined && group === 'near')
    return { ...plain, y: table + height * 0.02, shadow: 'none', size: 0.62, wish: 'bust' };
  // Next to a subject that is cut off at its foot, the others are at the very front.
  return isCrowded && group !== 'far' && group !== 'water'
    ? { ...plain, y: height * 0.95, isInFront: true, size: 0.8, wish: 'figure' }
    : toGroundRow(group, stage);
}

type Group = 'far' | 'water' | 'near' | 'table';

const plain = { distance: 0, shadow: 'ground', depth: 0, isInFront: false, wish: 'icon' } as const;

function toTableTop(table: number, height: number): Row {
  const room = height - table;
  return { ...plain, y: table + room * 0.42, depth: room * 0.3, isInFront: true, size: 0.44 };
}

function toGroundRow(group: Group, { canvas, horizon, background }: Stage): Row {
  const ground = canvas.height - horizon;
  const isSea = background === 'sea';
  switch (group) {
    case 'far':
      return { ...plain, y: horizon + ground * 0.24, distance: 0.3, depth: ground * 0.06, size: 0.85 };
    case 'water': {
      const [y, depth] = isSea ? [0.3, 0.4] : [0.12, 0.06];
      return { ...plain, y: horizon + ground * y, depth: ground * depth, distance: 0.15, shadow: 'water', size: 0.6 };
    }
    case 'near':
    case 'table':
      return { ...plain, y: horizon + ground * 0.76, depth: ground * 0.12, isInFront: true, size: 0.8, wish: 'figure' };
  }
}

function toPiecesBeside(
  lead: Member | undefined,
  member: Member,
  { unit, wish }: { unit: number; wish: Pose },
): readonly Piece[] {
  if (lead === undefined) return toPieces([member], unit, () => wish);
  return toPieces([{ ...lead, count: 1 }, member], unit, () => wish).slice(1);
}

interface Standing {
  readonly spot: Row;
  readonly stage: Stage;
  readonly dice: Dice;
}

/** Places the piece where there is most room to its left and right. */
function stand(piece: Piece, placed: readonly Subject[], { spot, stage, dice }: Standing): readonly Subject[] {
  const x = findRoom(piece, placed, stage, dice);
  const y = spot.y + dice.roll() * spot.depth;
  const { distance, shadow = 'none' } = spot;
  // A figure that is drawn only to the waist is behind the lower edge.
  const isCut = shadow === 'ground' && !spot.isOnTable && hasCut(piece);
  const foot = isCut ? ({ y: stage.canvas.height * 1.05, shadow: 'none' } as const) : { y, shadow };
  const subject = toSubject(piece, { ...foot, x, distance, isFlipped: x > stage.canvas.width / 2 });
  const nearer = spot.isInFront ? -1 : placed.findIndex((other) => other.y >= subject.y - 1);
  return nearer < 0 ? [...placed, subject] : placed.toSpliced(nearer, 0, subject);
}

function findRoom({ size }: Piece, placed: readonly Subject[], { canvas, horizon }: Stage, dice: Dice): number {
  const half = Math.min(size * 0.6, canvas.width / 2);
  const rivals = placed.filter(({ y }) => y > horizon);
  if (rivals.length === 0) return canvas.width / 2;
  const tries = Array.from({ length: 32 }, () => dice.between(half, canvas.width - half));
  const clearance = (x: number) => Math.min(...rivals.map((other) => Math.abs(other.x - x) - other.size / 2));
  return tries.reduce((best, one) => (clearance(one) > clearance(best) ? one : best));
}
