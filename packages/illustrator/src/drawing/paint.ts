import type { Colour } from '../colour.ts';

/** SVG text. It contains only numbers, colours and our own names, and never a word of a prompt. */
export type Svg = string;

/** A colour, or a gradient together with its definition. */
export type Paint = Colour | Gradient;

interface Gradient {
  readonly id: string;
  readonly definition: Svg;
}

/** Offset from 0 to 1, colour, and opacity from 0 to 1. */
export type Stop = readonly [offset: number, colour: Colour, opacity?: number];

/** A gradient from top to bottom of the shape it fills, or from left to right. */
export function linear(stops: readonly Stop[], direction: 'down' | 'across' = 'down'): Gradient {
  const ends = direction === 'down' ? 'x1="0" y1="0" x2="0" y2="1"' : 'x1="0" y1="0" x2="1" y2="0"';
  return define('linearGradient', ends, stops);
}

/** A gradient from the centre of the shape it fills to its edge. */
export function radial(stops: readonly Stop[]): Gradient {
  return define('radialGradient', 'cx=".5" cy=".5" r=".5"', stops);
}

/** A spot of light that fades away. */
export function glowing(colour: Colour, strength: number): Gradient {
  return radial([
    [0, colour, strength],
    [0.25, colour, strength * 0.55],
    [0.55, colour, strength * 0.18],
    [1, colour, 0],
  ]);
}

export interface Look {
  readonly opacity?: number;
  readonly stroke?: Colour;
  readonly strokeWidth?: number;
}

export function rect(x: number, y: number, width: number, height: number, paint: Paint, corner = 0): Svg {
  return shape(`rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(corner)}"`, paint, {});
}

export function ellipse(x: number, y: number, across: number, down: number, paint: Paint, look: Look = {}): Svg {
  return shape(`ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(across)}" ry="${n(down)}"`, paint, look);
}

export function circle(x: number, y: number, radius: number, paint: Paint, look: Look = {}): Svg {
  return ellipse(x, y, radius, radius, paint, look);
}

export function path(d: string, paint: Paint, look: Look = {}): Svg {
  return shape(`path d="${d}"`, paint, look);
}

/** A line without a fill. */
export function line(d: string, stroke: Colour, width: number, opacity = 1): Svg {
  return `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round" opacity="${n(opacity)}"/>`;
}

export function group(content: Svg, attributes: string): Svg {
  return `<g ${attributes}>${content}</g>`;
}

/** A number in SVG, as short as possible. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function shape(start: string, paint: Paint, { opacity, stroke, strokeWidth }: Look): Svg {
  const definition = typeof paint === 'string' ? '' : paint.definition;
  const fill = typeof paint === 'string' ? paint : `url(#${paint.id})`;
  const extras = [
    opacity === undefined ? '' : ` opacity="${n(opacity)}"`,
    stroke === undefined ? '' : ` stroke="${stroke}" stroke-width="${n(strokeWidth ?? 1)}"`,
  ];
  return `${definition}<${start} fill="${fill}"${extras.join('')}/>`;
}

function define(kind: string, geometry: string, stops: readonly Stop[]): Gradient {
  const list = stops.map(
    ([offset, colour, opacity = 1]) =>
      `<stop offset="${n(offset)}" stop-color="${colour}" stop-opacity="${n(opacity)}"/>`,
  );
  const content = `${kind} ${geometry}>${list.join('')}`;
  // Named after its content, so that defining the same gradient twice does no harm.
  const id = `p${hash(content)}`;
  return { id, definition: `<${kind} id="${id}" ${geometry}>${list.join('')}</${kind}>` };
}

function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(36);
}
