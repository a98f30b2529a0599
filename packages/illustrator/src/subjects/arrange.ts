import type { Dice } from '../dice.ts';
import type { BackgroundKind, Subject } from '../scene.ts';
import type { Member } from './cast.ts';
import { arrangeAfloat, scatterInSky } from './float.ts';
import { hasCut } from './piece.ts';
import { arrangeRow } from './row.ts';
import { type Stage, toPieces, toUnit } from './stage.ts';

export interface Arrangement {
  readonly subjects: readonly Subject[];
  readonly table?: number;
}

export const weightless: ReadonlySet<BackgroundKind> = new Set(['space', 'sky', 'underwater']);
const watery: ReadonlySet<BackgroundKind> = new Set(['sea', 'beach', 'mountains']);
const tabled: ReadonlySet<BackgroundKind> = new Set(['room', 'studio', 'abstract']);

/** Places all members: the first in front, and the others around it where they belong. */
export function arrange(cast: readonly Member[], stage: Stage, dice: Dice): Arrangement {
  if (cast.length === 0) return { subjects: [] };
  if (weightless.has(stage.background) && !stage.isPortrait) return { subjects: arrangeAfloat(cast, stage, dice) };
  const hasTable = isSetAtTable(cast, stage);
  const groups = toGroups(cast, stage, hasTable);
  const table = hasTable ? stage.canvas.height * (groups.near.length > 0 ? 0.74 : 0.62) : undefined;
  const grounded = [
    ...arrangeFar(groups.far, stage, groups.near.length === 0, dice),
    ...arrangeWater(groups.water, stage, dice),
  ];
  const near =
    table === undefined
      ? arrangeNear([...groups.near, ...groups.table], stage, dice)
      : arrangeTable(groups, stage, table, dice);
  const sky = scatterInSky(groups.sky, stage, [...grounded, ...near], dice);
  const subjects = [...sky, ...grounded, ...near];
  return { subjects, ...(table !== undefined && { table }) };
}

/** Whether there is a table: in a room if anything belongs on it, elsewhere only if the main member does. */
function isSetAtTable(cast: readonly Member[], { background, isPortrait }: Stage): boolean {
  if (isPortrait || !tabled.has(background)) return false;
  const things = background === 'room' ? cast : cast.slice(0, 1);
  return things.some(({ traits }) => traits.place === 'table');
}

interface Groups {
  readonly sky: readonly Member[];
  readonly far: readonly Member[];
  readonly water: readonly Member[];
  readonly near: readonly Member[];
  readonly table: readonly Member[];
}

function toGroups(cast: readonly Member[], { background }: Stage, hasTable: boolean): Groups {
  const groups = { sky: [], far: [], water: [], near: [], table: [] } as Record<keyof Groups, Member[]>;
  for (const [index, member] of cast.entries()) groups[toGroup(member, { background, hasTable, index })].push(member);
  return groups;
}

interface GroupRoom {
  readonly background: BackgroundKind;
  readonly hasTable: boolean;
  /** The member's place in the cast: 0 for the main one. */
  readonly index: number;
}

export function toGroup({ traits }: Member, { background, hasTable, index }: GroupRoom): keyof Groups {
  const { place, size, isCreature } = traits;
  if (place === 'sky' || place === 'table') return place;
  if (hasTable && !isCreature && size < 0.62) return 'table';
  if (place !== 'ground' && watery.has(background)) return 'water';
  return size >= 1.4 && !isCreature && (index > 0 || size >= 1.5) && background !== 'studio' ? 'far' : 'near';
}

function arrangeNear(members: readonly Member[], stage: Stage, dice: Dice): readonly Subject[] {
  const { width, height } = stage.canvas;
  const isLone = members.length === 1 && members[0]?.count === 1;
  const wish = stage.isPortrait && isLone ? 'bust' : 'figure';
  const portraitUnit = Math.min(width * 0.74, height * 0.56);
  const unit = stage.isPortrait && isLone ? portraitUnit : toUnit(stage);
  const pieces = toPieces(members, unit, () => wish);
  const floor = stage.horizon + (height - stage.horizon) * 0.74;
  const cut = pieces
    .filter(hasCut)
    .map((piece) => (piece.pose === 'icon' ? { ...piece, size: piece.size * 1.3 } : piece));
  const whole = pieces.filter((piece) => !hasCut(piece));
  const isShared = cut.length > 0 && whole.length > 0;
  const sides = isShared
    ? { cut: { width: width * 0.68 }, whole: { left: width * 0.5, width: width * 0.5 } }
    : { cut: { width }, whole: { width } };
  const isLeadCut = cut.some(({ member }) => member === members[0]);
  const rows = [
    arrangeRow(
      whole,
      { ...sides.whole, footY: floor, depth: (height - stage.horizon) * 0.4, shadow: 'ground' },
      dice.fork('near'),
    ),
    arrangeRow(cut, { ...sides.cut, footY: height * 1.05, depth: 0, shadow: 'none' }, dice.fork('cut')),
  ];
  // Next to a subject that is cut off at its foot, only smaller things may be in front.
  const isInFront = isLeadCut && whole.every(({ size }) => size < unit * 0.7);
  return (isInFront ? rows.toReversed() : rows).flat();
}

function arrangeFar(members: readonly Member[], stage: Stage, isAlone: boolean, dice: Dice): readonly Subject[] {
  const { width, height } = stage.canvas;
  const pieces = toPieces(members, toUnit(stage) * (isAlone ? 1.05 : 0.85), () => 'icon');
  const footY = stage.horizon + (height - stage.horizon) * (isAlone ? 0.5 : 0.26);
  return arrangeRow(
    pieces,
    {
      width,
      footY,
      depth: (height - stage.horizon) * 0.14,
      shadow: 'ground',
      farness: isAlone ? 0.05 : 0.3,
      isAside: !isAlone,
    },
    dice.fork('far'),
  );
}

function arrangeWater(members: readonly Member[], stage: Stage, dice: Dice): readonly Subject[] {
  const { width, height } = stage.canvas;
  const isBeach = stage.background !== 'sea';
  const pieces = toPieces(members, toUnit(stage) * (isBeach ? 0.6 : 1), () => 'icon');
  const footY = stage.horizon + (height - stage.horizon) * (isBeach ? 0.16 : 0.46);
  return arrangeRow(
    pieces,
    { width, footY, depth: (height - stage.horizon) * 0.2, shadow: 'water', farness: isBeach ? 0.2 : 0.05 },
    dice.fork('water'),
  );
}

/** Places creatures behind the table and things on it. */
function arrangeTable(groups: Groups, stage: Stage, table: number, dice: Dice): readonly Subject[] {
  const { width, height } = stage.canvas;
  const unit = toUnit(stage);
  const guests = toPieces(groups.near, unit * 0.78, () => 'bust').map((guest) =>
    guest.pose === 'icon' ? { ...guest, size: guest.size * 1.28 } : guest,
  );
  const things = toPieces(groups.table, groups.near.length > 0 ? unit * 0.44 : unit * 0.86, () => 'icon');
  return [
    ...arrangeRow(guests, { width, footY: table + height * 0.02, depth: 0, shadow: 'none' }, dice.fork('guests')),
    ...arrangeRow(
      things,
      { width, footY: table + (height - table) * 0.46, depth: (height - table) * 0.22, shadow: 'ground' },
      dice.fork('things'),
    ),
  ];
}
