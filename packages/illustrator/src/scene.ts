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

/** The light of a picture: its sky and its effect on every surface. */
export interface Palette {
  /** From the top of the sky down to the horizon. */
  readonly sky: readonly [Colour, Colour, Colour];
  /** The colour that distant things fade into. */
  readonly haze: Colour;
  /** The colour that falls on every surface, and how much of it (0 to 1). */
  readonly ambient: Colour;
  readonly ambientPart: number;
  /** Sun, moon or lamp. */
  readonly glow: Colour;
  /** Four colours that go together, for things that have no colour. */
  readonly accents: readonly [Colour, Colour, Colour, Colour];
}

/** How a subject is drawn: only its icon, a head on a whole body, or a head on shoulders. */
export type Pose = 'icon' | 'figure' | 'bust';

/** A thing that is worn on a head or face. */
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
  /** The edge of the square that its icon fills. For a figure, the head is this square. */
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

/** What a composition must know about an attached picture. */
export interface ReferenceLook {
  /** Width by height. */
  readonly ratio: number;
  /** False for an unreadable file, whose frame stays empty. */
  readonly isReadable: boolean;
  /** Its main colours, the most striking first. */
  readonly colours: readonly Colour[];
}

/** An attached picture in its place. Lengths are in units of the canvas. */
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
  /** In front of the subjects instead of behind them. */
  readonly isInFront: boolean;
  /** It is the subject of the picture, because there is no other. */
  readonly isMain: boolean;
}

/** A whole picture as data: everything needed to draw it. */
export interface Scene {
  /** Represents the prompt in all random choices. */
  readonly seed: string;
  /** The seed of the background; in the first take it is `seed` itself. */
  readonly shadeSeed: string;
  readonly pixels: Pixels;
  /** The units of the drawing: the ratio of the pixels, with the area of a square of 1024. */
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
  /** The upper edge, from the top, of a table top in front of the subjects. */
  readonly table?: number;
  /** From the farthest to the nearest. */
  readonly subjects: readonly Subject[];
  readonly references: readonly HungReference[];
  /** The requested colour for the whole picture. */
  readonly wash?: Colour;
}
