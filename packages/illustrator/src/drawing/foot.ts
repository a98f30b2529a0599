import type { Svg } from './paint.ts';

/**
 * The lowest point of a drawing in the square of 32 units, to place it on the ground. Only the end points of curves are
 * considered: in the icon set they are nearly always the extremes.
 */
export function toLowestPoint(svg: Svg): number {
  let lowest = 0;
  for (const [, d = ''] of svg.matchAll(/\sd="([^"]+)"/g)) lowest = Math.max(lowest, toLowestOfPath(d));
  return lowest < 16 || lowest > 32 ? 32 : lowest;
}

/** How many numbers each command takes at a time, and which of them is the new y: the last one, except for H. */
const lengths: Readonly<Record<string, number>> = { a: 7, c: 6, h: 1, l: 2, m: 2, q: 4, s: 4, t: 2, v: 1 };

function toLowestOfPath(d: string): number {
  let [y, start, lowest] = [0, 0, 0];
  for (const [, command = '', text = ''] of d.matchAll(/([a-z])([^a-z]*)/gi)) {
    const kind = command.toLowerCase();
    if (kind === 'z') y = start;
    const length = lengths[kind];
    if (length === undefined || kind === 'h') continue;
    const values = toNumbers(text, kind === 'a');
    for (let index = length - 1; index < values.length; index += length) {
      const value = values[index] ?? 0;
      y = command === kind ? y + value : value;
      if (kind === 'm' && index === length - 1) start = y;
      lowest = Math.max(lowest, y);
    }
  }
  return lowest;
}

/** The flags of an arc may have no space before the next number. */
function toNumbers(text: string, isArc: boolean): readonly number[] {
  const spaced = isArc ? text.replace(arc, '$1 $2 $3 $4 $5 ') : text;
  return (spaced.match(/-?(?:\d*\.\d+|\d+)(?:e-?\d+)?/g) ?? []).map(Number);
}

const arc = /(-?[\d.]+)[\s,]*(-?[\d.]+)[\s,]+(-?[\d.]+)[\s,]*([01])[\s,]*([01])/g;
