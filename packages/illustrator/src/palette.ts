import { type Colour, darken, fromHsl, lighten, mix, multiply } from './colour.ts';
import type { Dice } from './dice.ts';
import type { Palette, TimeOfDay, Weather } from './scene.ts';

type Sunlight = Omit<Palette, 'accents'>;

const sunlights: Record<TimeOfDay, Sunlight> = {
  dawn: {
    sky: ['#6f95e0', '#f2b8cf', '#ffe9c9'],
    haze: '#fbdcd2',
    ambient: '#ffdfe0',
    ambientPart: 0.5,
    glow: '#fff1cf',
  },
  day: {
    sky: ['#3f9bf2', '#8fd0fb', '#e4f6ff'],
    haze: '#d3ecf8',
    ambient: '#fffaf0',
    ambientPart: 0.5,
    glow: '#fff6d8',
  },
  sunset: {
    sky: ['#3b3b8a', '#d65f8d', '#ffc07a'],
    haze: '#ff9f7c',
    ambient: '#ffb48f',
    ambientPart: 0.55,
    glow: '#ffe3a3',
  },
  night: {
    sky: ['#070b2a', '#172260', '#4656a8'],
    haze: '#3c4a9c',
    ambient: '#6f82dc',
    ambientPart: 0.8,
    glow: '#eef2ff',
  },
  neon: {
    sky: ['#0b0524', '#35105f', '#c4257f'],
    haze: '#6a1c80',
    ambient: '#9a6cff',
    ambientPart: 0.6,
    glow: '#ff5fd2',
  },
};

/** How far each kind of weather shifts the sky and the haze towards its own veil of colour. */
const veils: Record<Weather, { readonly colour: Colour; readonly part: number }> = {
  clear: { colour: '#ffffff', part: 0 },
  rain: { colour: '#5d6b80', part: 0.5 },
  snow: { colour: '#c9d6e6', part: 0.4 },
  fog: { colour: '#d9dde2', part: 0.6 },
};

export function createPalette({ time, weather, wash, skyTint, colours }: Light, dice: Dice): Palette {
  const sunlight = sunlights[time];
  const veil = veils[weather];
  const veilColour = multiply(veil.colour, mix('#ffffff', sunlight.ambient, sunlight.ambientPart));
  const veiled = (colour: Colour) => mix(colour, veilColour, veil.part);
  const [first] = colours;
  const [top, middle, bottom] = skyTint === undefined ? sunlight.sky : toSky(skyTint, sunlight);
  return {
    ...sunlight,
    sky: [veiled(top), veiled(middle), veiled(bottom)],
    haze: veiled(first === undefined ? sunlight.haze : mix(sunlight.haze, first, 0.2)),
    accents: wash === undefined ? borrow(colours, createAccents(time, dice)) : toShades(wash),
  };
}

/** The inputs that decide the light of a picture. */
export interface Light {
  readonly time: TimeOfDay;
  readonly weather: Weather;
  /** The colour of things that have none. */
  readonly wash?: Colour;
  readonly skyTint?: Colour;
  /** Colours to use instead of random ones. */
  readonly colours: readonly Colour[];
}

/** A sky of one colour is still as bright as its time of day. */
function toSky(tint: Colour, { ambient, ambientPart }: Sunlight): Palette['sky'] {
  const lightTint = multiply(tint, mix('#ffffff', ambient, ambientPart));
  return [darken(lightTint, 0.25), lightTint, lighten(lightTint, 0.5)];
}

function borrow([first, second, third, fourth]: readonly Colour[], accents: Palette['accents']): Palette['accents'] {
  if (first === undefined) return accents;
  return [first, second ?? lighten(first, 0.3), third ?? darken(first, 0.18), fourth ?? lighten(first, 0.55)];
}

function toShades(wash: Colour): Palette['accents'] {
  return [wash, lighten(wash, 0.3), darken(wash, 0.18), lighten(wash, 0.55)];
}

/** The colour in this light, at a distance from 0 (near) to 1 (horizon). */
export function lit(palette: Palette, colour: Colour, distance = 0): Colour {
  const underLight = mix(colour, multiply(colour, palette.ambient), palette.ambientPart);
  return mix(underLight, palette.haze, Math.min(1, Math.max(0, distance)) * 0.8);
}

function createAccents(time: TimeOfDay, dice: Dice): Palette['accents'] {
  if (time === 'neon') return ['#ff2fb3', '#22e6ff', '#8a4bff', '#ffd23f'];
  const hue = dice.between(0, 360);
  const turn = dice.pick([26, 34, 42, -30]);
  const accent = (steps: number, lightness: number) =>
    fromHsl({ hue: (hue + steps * turn + 360) % 360, saturation: 0.7, lightness });
  return [accent(0, 0.58), accent(1, 0.66), accent(2, 0.6), accent(0.5, 0.8)];
}
