import type { Dice } from '../dice.ts';
import type { BackgroundKind, HungReference, ReferenceLook, Subject } from '../scene.ts';

/** Where pictures can hang. */
export interface Wall {
  readonly canvas: { readonly width: number; readonly height: number };
  readonly background: BackgroundKind;
  readonly horizon: number;
  readonly subjects: readonly Subject[];
}

/**
 * Gives every reference a place. If there are no subjects, the references are the subject. In a room they hang on the wall
 * beside the subjects. Elsewhere one or two lean in the foreground. More hang from a cord, or float where a cord cannot be
 * tied to anything.
 */
export function hangReferences(looks: readonly ReferenceLook[], wall: Wall, dice: Dice): readonly HungReference[] {
  if (looks.length === 0) return [];
  if (wall.subjects.length === 0) return showAlone(looks, wall);
  if (wall.background === 'room') return hangOnWall(looks, wall);
  return looks.length <= 2 ? lean(looks, wall, dice) : hangOnCords(looks, wall, dice);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Style = Pick<HungReference, 'mount' | 'isInFront' | 'isMain'>;

function showAlone(looks: readonly ReferenceLook[], { canvas: { width, height } }: Wall): readonly HungReference[] {
  const box = { left: width * 0.09, top: height * 0.08, width: width * 0.82, height: height * 0.74 };
  return fillGrid(looks, box, { mount: 'frame', isInFront: false, isMain: true });
}

function hangOnWall(looks: readonly ReferenceLook[], { canvas: { width }, horizon }: Wall): readonly HungReference[] {
  const style: Style = { mount: 'frame', isInFront: false, isMain: false };
  const [top, height] = [horizon * 0.2, horizon * 0.52];
  const right = { left: width * 0.715, top, width: width * 0.27, height };
  if (looks.length <= fewOnWall) return fillGrid(looks, right, style);
  const half = Math.ceil(looks.length / 2);
  const left = { ...right, left: width * 0.015 };
  return [
    ...fillGrid(looks.slice(0, half), left, style),
    ...fillGrid(looks.slice(half), right, style).map((hung) => ({ ...hung, index: hung.index + half })),
  ];
}

/** This many fit on one side of the wall. For more, the space of the window is used as well. */
export const fewOnWall = 4;

function lean(
  looks: readonly ReferenceLook[],
  { canvas: { width, height } }: Wall,
  dice: Dice,
): readonly HungReference[] {
  const edge = Math.min(width * 0.3, height * 0.3);
  return looks.map((look, index) => {
    const size = fitInto(look, edge, edge);
    const side = index === 0 ? -1 : 1;
    return {
      ...size,
      index,
      isReadable: look.isReadable,
      x: width * (0.5 + side * 0.33),
      y: height * (side < 0 ? 0.82 : 0.76),
      tilt: side * dice.between(4, 9),
      mount: 'polaroid',
      isInFront: true,
      isMain: false,
    };
  });
}

/** This many hang side by side on one cord. */
const mostOnCord = 7;

function hangOnCords(looks: readonly ReferenceLook[], wall: Wall, dice: Dice): readonly HungReference[] {
  const { width, height } = wall.canvas;
  const rows = Math.ceil(looks.length / mostOnCord);
  const perRow = Math.ceil(looks.length / rows);
  const room = (width * 0.96) / perRow;
  const edge = Math.min(room * 0.8, height * (rows > 1 ? 0.13 : 0.19));
  const isTied = !untied.has(wall.background);
  return looks.map((look, index) => {
    const [row, place] = [Math.floor(index / perRow), index % perRow];
    const inRow = Math.min(perRow, looks.length - row * perRow);
    const along = (place + 0.5) / inRow;
    const size = fitInto(look, edge, edge);
    const cord = height * (0.03 + row * 0.2) + height * sag * 4 * along * (1 - along);
    return {
      ...size,
      index,
      isReadable: look.isReadable,
      x: width * (0.02 + 0.96 * along),
      y: cord + size.height / 2 + edge * 0.1,
      tilt: dice.between(-4, 4) * (isTied ? 1 : 2.5),
      mount: isTied ? 'cord' : 'polaroid',
      isInFront: false,
      isMain: false,
    };
  });
}

const untied: ReadonlySet<BackgroundKind> = new Set(['abstract', 'sky', 'space', 'studio', 'underwater']);
/** How far the middle of a cord hangs down, as a fraction of the height. */
const sag = 0.03;

/** A grid with the number of columns that shows the pictures largest. */
function fillGrid(looks: readonly ReferenceLook[], box: Box, style: Style): readonly HungReference[] {
  const counts = looks.map((_, index) => index + 1);
  const columns = counts.reduce(
    (best, count) => (toCell(box, looks, count) > toCell(box, looks, best) ? count : best),
    1,
  );
  const rows = Math.ceil(looks.length / columns);
  const cell = { width: box.width / columns, height: box.height / rows };
  return looks.map((look, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const inRow = Math.min(columns, looks.length - row * columns);
    return {
      ...fitInto(look, cell.width * 0.77, cell.height * 0.77),
      index,
      isReadable: look.isReadable,
      x: box.left + box.width / 2 + (column - (inRow - 1) / 2) * cell.width,
      y: box.top + (row + 0.5) * cell.height,
      tilt: 0,
      ...style,
    };
  });
}

function toCell(box: Box, looks: readonly ReferenceLook[], columns: number): number {
  return Math.min(box.width / columns, box.height / Math.ceil(looks.length / columns));
}

/** The largest size with this ratio that fits. Very long pictures are cropped. */
function fitInto({ ratio }: ReferenceLook, width: number, height: number): { width: number; height: number } {
  const shown = Math.min(2.2, Math.max(0.45, ratio));
  return width / height > shown ? { width: height * shown, height } : { width, height: width / shown };
}
