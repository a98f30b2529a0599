import type { Colour } from './colour.ts';
import type { Pixels } from './picture-order.ts';

export const backgroundKinds = [
  'abstract',
  'beach',
  'city',
  'desert',
  'forest',
  'meadow',
  'moonscape',
  'mountains',
  'room',
  'sea',
  'sky',
  'snow',
  'space',
  'studio',
  'underwater',
] as const;
export type BackgroundKind = (typeof backgroundKinds)[number];

export type TimeOfDay = 'dawn' | 'day' | 'sunset' | 'night' | 'neon';
export type Weather = 'clear' | 'rain' | 'snow' | 'fog';
export type Season = 'spring' | 'summer' | 'autumn' | 'winter';

export const styles = [
  'monochrome',
  'minimalist',
  'neon',
  'painted',
  'pastel',
  'pixelated',
  'realistic',
  'sketched',
  'vintage',
] as const;
export type Style = (typeof styles)[number];

/** The light of a picture: what its sky shows and what it does to every surface. */
export interface Palette {
  /** From the top of the sky down to the horizon. */
  readonly sky: readonly [Colour, Colour, Colour];
  /** What far things fade into. */
  readonly haze: Colour;
  /** The colour that falls on every surface, and how much of it (0 to 1). */
  readonly ambient: Colour;
  readonly ambientPart: number;
  /** Sun, moon or lamp. */
  readonly glow: Colour;
  /** Four colours that go together, for what has no colour of its own. */
  readonly accents: readonly [Colour, Colour, Colour, Colour];
}

/** How a subject is drawn: as its icon alone, as a head on a whole body, or as a head on shoulders. */
export type Pose = 'icon' | 'figure' | 'bust';

/** A thing on somebody's head or face. */
export interface Worn {
  /** The icon's name. */
  readonly name: string;
  readonly tint?: Colour;
  /** Index of its noun. */
  readonly noun: number;
}

/** One thing in the picture. Lengths are in units of the canvas. */
export interface Subject {
  /** The icon's name, or the name of a drawing of our own. */
  readonly name: string;
  /** Index of the noun that it shows. */
  readonly noun: number;
  /** The middle of its foot. */
  readonly x: number;
  readonly y: number;
  /** Edge of the square that its icon fills; a figure's head is that square. */
  readonly size: number;
  /** From 0, at the viewer's feet, to 1, at the horizon. */
  readonly distance: number;
  readonly pose: Pose;
  readonly isFlipped: boolean;
  /** Degrees. */
  readonly tilt: number;
  readonly shadow: 'ground' | 'water' | 'none';
  readonly tint?: Colour;
  /** Things worn on the head or face. */
  readonly worn: readonly Worn[];
  readonly outfit?: 'apron' | 'neon';
}

/** What a composition has to know of a picture that somebody sent along. */
export interface ReferenceLook {
  /** Width by height. */
  readonly ratio: number;
  /** False for a file that shows nothing, whose frame stays empty. */
  readonly isReadable: boolean;
  /** Its main colours, the most striking first. */
  readonly colours: readonly Colour[];
}

/** A picture that somebody sent along, in its place. Lengths are in units of the canvas. */
export interface HungReference {
  /** Which of the references it is. */
  readonly index: number;
  readonly isReadable: boolean;
  /** Its middle. */
  readonly x: number;
  readonly y: number;
  /** Without its frame. */
  readonly width: number;
  readonly height: number;
  /** Degrees. */
  readonly tilt: number;
  readonly mount: 'frame' | 'polaroid' | 'cord';
  /** Before everyone rather than behind. */
  readonly isInFront: boolean;
  /** What the picture is about, for lack of anything else. */
  readonly isMain: boolean;
}

/** A whole picture as data: enough to draw it, nothing drawn yet. */
export interface Scene {
  /** Stands for the prompt wherever chance decides. */
  readonly seed: string;
  /** Decides what stands behind the subjects: the seed itself in the first take. */
  readonly shadeSeed: string;
  readonly pixels: Pixels;
  /** The drawing's own units: the ratio of the pixels, the area of a square of 1024. */
  readonly canvas: { readonly width: number; readonly height: number };
  readonly background: BackgroundKind;
  readonly time: TimeOfDay;
  readonly weather: Weather;
  readonly season: Season;
  readonly styles: readonly Style[];
  readonly palette: Palette;
  readonly isPortrait: boolean;
  /** Where the ground ends, from the top. */
  readonly horizon: number;
  /** A table top in front of everyone: its upper edge, from the top. */
  readonly table?: number;
  /** From the farthest to the nearest. */
  readonly subjects: readonly Subject[];
  readonly references: readonly HungReference[];
  /** The colour that the picture as a whole was asked to have. */
  readonly wash?: Colour;
}
