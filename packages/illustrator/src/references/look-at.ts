import sharp from 'sharp';
import { type Colour, fromChannels, toHsl } from '../colour.ts';
import type { PictureFile } from '../picture-order.ts';
import type { ReferenceLook } from '../scene.ts';

/** An attached picture, scaled down to be drawn into another one. */
export interface SeenReference {
  readonly look: ReferenceLook;
  /** Raw pixels with three channels. Absent when the file cannot be read as a picture. */
  readonly raw?: RawPicture;
}

export interface RawPicture {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Looks at the pictures one by one. An unreadable file is not an error. */
export async function lookAtAll(files: readonly PictureFile[]): Promise<readonly SeenReference[]> {
  const seen: SeenReference[] = [];
  const longestEdge = files.length === 1 ? 1024 : files.length <= 4 ? 640 : 360;
  for (const { path } of files.slice(0, mostReferences)) seen.push(await lookAt(path, longestEdge));
  return seen;
}

const mostReferences = 14;
/** The most pixels that the service itself accepts. */
const limitInputPixels = 100_000_000;

/** Ends with the look that began last: a process decodes one picture at a time, since one may take hundreds of megabytes. */
let looking: Promise<unknown> = Promise.resolve();

function lookAt(path: string, longestEdge: number): Promise<SeenReference> {
  const look = looking.then(() => decode(path, longestEdge));
  looking = look;
  return look;
}

/** Never rejects. */
async function decode(path: string, longestEdge: number): Promise<SeenReference> {
  try {
    const { data, info } = await sharp(path, { limitInputPixels, sequentialRead: true })
      .autoOrient()
      .resize({ width: longestEdge, height: longestEdge, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const raw = { data, width: info.width, height: info.height };
    return { look: { ratio: info.width / info.height, isReadable: true, colours: await findColours(raw) }, raw };
  } catch {
    // The file is broken, or sharp has no decoder for its format, such as HEIC. It is shown as an empty frame.
    return { look: { ratio: 4 / 3, isReadable: false, colours: [] } };
  }
}

/** Up to four colours of different hues, the most vivid first. */
async function findColours({ data, width, height }: RawPicture): Promise<readonly Colour[]> {
  const few = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: cells, height: cells, fit: 'fill' })
    .raw()
    .toBuffer();
  const colours = Array.from({ length: cells * cells }, (_, index) =>
    fromChannels([few[index * 3] ?? 0, few[index * 3 + 1] ?? 0, few[index * 3 + 2] ?? 0]),
  ).toSorted((one, other) => toVividness(other) - toVividness(one));
  const chosen: Colour[] = [];
  for (const colour of colours) {
    if (chosen.length < 4 && chosen.every((other) => areApart(colour, other))) chosen.push(colour);
  }
  return chosen;
}

const cells = 6;

function toVividness(colour: Colour): number {
  const { saturation, lightness } = toHsl(colour);
  return saturation * (1 - Math.abs(2 * lightness - 1));
}

function areApart(one: Colour, other: Colour): boolean {
  const turn = Math.abs(toHsl(one).hue - toHsl(other).hue);
  return Math.min(turn, 360 - turn) > 25 || Math.abs(toHsl(one).lightness - toHsl(other).lightness) > 0.25;
}
