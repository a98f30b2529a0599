import type { Dice } from '../dice.ts';
import type { Subject } from '../scene.ts';
import type { Member } from './cast.ts';
import { heights, type Piece, toSubject } from './piece.ts';
import { seat } from './riding.ts';
import { type Stage, toPieces, toUnit } from './stage.ts';

export interface Zone {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** For scenes without ground: places the main member in the middle, and the others where there is most room. */
export function arrangeAfloat(cast: readonly Member[], stage: Stage, dice: Dice): readonly Subject[] {
  const { width, height } = stage.canvas;
  const isTilted = stage.background === 'space';
  const [lead, ...rest] = toPieces(cast, toUnit(stage), () => 'figure');
  const others = fit(rest, width * height * 0.2);
  if (lead === undefined) return [];
  const centre = { x: width * dice.between(0.46, 0.54), y: height * dice.between(0.47, 0.53) };
  const first = settle(lead, centre, isTilted ? dice.between(-14, 14) : 0, 0);
  const around = scatter(others, toZone(stage), first, dice.fork('others')).slice(first.length);
  return [...around.toReversed(), ...first];
}

/** Places things of the sky above the horizon, away from what is already there. */
export function scatterInSky(
  members: readonly Member[],
  stage: Stage,
  standing: readonly Subject[],
  dice: Dice,
): readonly Subject[] {
  const { width, height } = stage.canvas;
  const isAlone = standing.length === 0;
  const unit = toUnit(stage) * (isAlone ? 0.92 : 0.36);
  const arches = members.filter(isArch);
  const pieces = fit(
    toPieces(
      members.filter((member) => !isArch(member)),
      unit,
      () => 'icon',
    ),
    width * height * (isAlone ? 0.32 : 0.1),
  );
  const bottom = Math.min(stage.horizon, height * 0.7) * (isAlone ? 0.8 : 0.62);
  const zone = { left: width * 0.03, right: width * 0.97, top: height * 0.03, bottom: Math.max(bottom, height * 0.3) };
  const arched = toPieces(arches, Math.min(width * 0.86, height), () => 'icon').map((piece) =>
    toSubject(piece, { x: width / 2, y: stage.horizon + piece.size * 0.3, distance: 0.5, shadow: 'none' }),
  );
  return [...arched, ...scatter(pieces, zone, standing, dice.fork('sky')).slice(standing.length)];
}

/** Things that span the sky instead of floating in it. */
function isArch({ traits }: Member): boolean {
  return traits.size > 0.8;
}

/** The picture without its margins. */
export function toZone({ canvas: { width, height } }: Stage): Zone {
  return { left: width * 0.04, right: width * 0.96, top: height * 0.04, bottom: height * 0.88 };
}

/** Adds each piece at the best of several positions: the one farthest from everything already placed. */
export function scatter(
  pieces: readonly Piece[],
  zone: Zone,
  placed: readonly Subject[],
  dice: Dice,
): readonly Subject[] {
  const subjects = [...placed];
  for (const [index, piece] of pieces.entries()) {
    const scale = index === 0 ? 1 : dice.between(0.55, 1);
    const [half, tall] = [(piece.size * scale) / 2, (piece.size * scale * heights[piece.pose]) / 2];
    const tries = Array.from({ length: 24 }, () => ({
      x: dice.between(zone.left + half, Math.max(zone.left + half, zone.right - half)),
      y: dice.between(zone.top + tall, Math.max(zone.top + tall, zone.bottom - tall)),
    }));
    const ranked = tries.toSorted((one, other) => toClearance(other, subjects) - toClearance(one, subjects));
    const [best] = ranked;
    if (best !== undefined) {
      subjects.push(...settle({ ...piece, size: piece.size * scale }, best, dice.between(-8, 8), (1 - scale) * 0.9));
    }
  }
  return subjects;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function settle(piece: Piece, centre: Point, tilt: number, distance: number): readonly Subject[] {
  const foot = centre.y + (piece.size * heights[piece.pose]) / 2;
  return seat(piece, { x: centre.x, y: foot, distance: Math.max(0, distance), tilt, shadow: 'none' });
}

function toClearance({ x, y }: Point, subjects: readonly Subject[]): number {
  return Math.min(
    ...subjects.map((subject) => {
      const tall = subject.size * heights[subject.pose];
      return Math.hypot(subject.x - x, subject.y - tall / 2 - y) - (subject.size + tall) / 4;
    }),
  );
}

/** Shrinks all pieces equally until they cover no more than the area. */
function fit(pieces: readonly Piece[], area: number): readonly Piece[] {
  const covered = pieces.reduce((sum, { size, pose }) => sum + size * size * heights[pose], 0);
  const factor = Math.min(1, Math.sqrt(area / Math.max(1, covered)));
  return pieces.map((piece) => ({ ...piece, size: piece.size * factor }));
}
