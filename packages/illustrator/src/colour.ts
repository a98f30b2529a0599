/** A colour as `#rrggbb`, in lower case. */
export type Colour = `#${string}`;

export type Channels = readonly [red: number, green: number, blue: number];

export function toChannels(colour: Colour): Channels {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/gi, '$&$&') : colour;
  const value = Number.parseInt(digits.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function fromChannels([red, green, blue]: Channels): Colour {
  const value = (clampByte(red) << 16) | (clampByte(green) << 8) | clampByte(blue);
  return `#${value.toString(16).padStart(6, '0')}`;
}

/** The colour between two others, at a fraction (0 to 1) of the way from the first to the second. */
export function mix(from: Colour, to: Colour, part: number): Colour {
  const [r, g, b] = toChannels(from);
  const [red, green, blue] = toChannels(to);
  return fromChannels([r + (red - r) * part, g + (green - g) * part, b + (blue - b) * part]);
}

/** The colour of a surface under a coloured light. */
export function multiply(surface: Colour, light: Colour): Colour {
  const [r, g, b] = toChannels(surface);
  const [red, green, blue] = toChannels(light);
  return fromChannels([(r * red) / 255, (g * green) / 255, (b * blue) / 255]);
}

export const darken = (colour: Colour, part: number): Colour => mix(colour, '#0a0a1e', part);
export const lighten = (colour: Colour, part: number): Colour => mix(colour, '#ffffff', part);

export interface Hsl {
  /** Degrees, 0 to 360. */
  readonly hue: number;
  /** 0 to 1. */
  readonly saturation: number;
  /** 0 to 1. */
  readonly lightness: number;
}

export function toHsl(colour: Colour): Hsl {
  const [r, g, b] = toChannels(colour);
  const high = Math.max(r, g, b) / 255;
  const low = Math.min(r, g, b) / 255;
  const range = high - low;
  const lightness = (high + low) / 2;
  if (range === 0) return { hue: 0, saturation: 0, lightness };
  const saturation = range / (1 - Math.abs(2 * lightness - 1));
  return { hue: toHue([r / 255, g / 255, b / 255], high, range), saturation, lightness };
}

export function fromHsl({ hue, saturation, lightness }: Hsl): Colour {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const place = (offset + hue / 30) % 12;
    return 255 * (lightness - chroma * Math.max(-1, Math.min(place - 3, 9 - place, 1)));
  };
  return fromChannels([channel(0), channel(8), channel(4)]);
}

function toHue([r, g, b]: Channels, high: number, range: number): number {
  if (high === r) return (60 * ((g - b) / range) + 360) % 360;
  if (high === g) return 60 * ((b - r) / range) + 120;
  return 60 * ((r - g) / range) + 240;
}

function clampByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
