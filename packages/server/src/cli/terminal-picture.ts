import type { Sharp } from 'sharp';
import supportsTerminalGraphics from 'supports-terminal-graphics';

/** How a terminal draws a picture. `blocks`: two pixels per character, on any terminal with 24-bit colour. */
export const drawings = ['kitty', 'iterm2', 'blocks'] as const;
export type Drawing = (typeof drawings)[number];

/** The best way that the terminal supports; `undefined` when it supports none or there is no terminal. */
export function chooseDrawing(stream: NodeJS.WriteStream): Drawing | undefined {
  if (!stream.isTTY) return undefined;
  const { kitty, iterm2 } = supportsTerminalGraphics.stdout;
  if (kitty) return 'kitty';
  if (iterm2) return 'iterm2';
  return stream.hasColors(2 ** 24) ? 'blocks' : undefined;
}

interface Room {
  /** The size of the terminal, in characters. */
  readonly columns: number;
  readonly rows: number;
}

/** The text that draws the picture of a file on a terminal: at most 80 by 40 characters, never larger than the terminal. */
export function drawPicture(file: string, drawing: Drawing, room: Room): Promise<string> {
  const columns = Math.min(room.columns, 80);
  const rows = Math.max(1, Math.min(room.rows - 2, 40));
  return draw[drawing](file, { columns, rows });
}

const draw: Readonly<Record<Drawing, (file: string, room: Room) => Promise<string>>> = {
  kitty: async (file, room) => toKitty(await toSmallPng(file, room)),
  iterm2: async (file, room) => {
    const png = await toSmallPng(file, room);
    return `\u001b]1337;File=inline=1;size=${png.length}:${png.toString('base64')}\u0007\n`;
  },
  blocks: toBlocks,
};

/** Counts a character as 8 by 16 pixels. */
async function toSmallPng(file: string, { columns, rows }: Room): Promise<Buffer> {
  const picture = await openPicture(file);
  return picture
    .resize({ width: columns * 8, height: rows * 16, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
}

/**
 * Sends pieces of 4,096 characters, all but the last with `m=1`. With `q=2` the terminal sends no answer
 * (https://sw.kovidgoyal.net/kitty/graphics-protocol/).
 */
function toKitty(png: Buffer): string {
  const pieces = png.toString('base64').match(/.{1,4096}/g) ?? [];
  const commands = pieces.map((piece, index) => {
    const first = index === 0 ? 'f=100,a=T,' : '';
    return `\u001b_G${first}q=2,m=${index < pieces.length - 1 ? 1 : 0};${piece}\u001b\\`;
  });
  return `${commands.join('')}\n`;
}

/** Each character is an upper half block: its foreground is the upper pixel, its background the lower. */
async function toBlocks(file: string, { columns, rows }: Room): Promise<string> {
  const picture = await openPicture(file);
  const { data, info } = await picture
    .resize({ width: columns, height: rows * 2, fit: 'inside' })
    .flatten({ background: '#000' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colorOf = (x: number, y: number) => {
    const at = (Math.min(y, info.height - 1) * info.width + x) * info.channels;
    return data.subarray(at, at + 3).join(';');
  };
  const lines = Array.from({ length: Math.ceil(info.height / 2) }, (_, row) => {
    const cells = Array.from(
      { length: info.width },
      (_, x) => `\u001b[38;2;${colorOf(x, row * 2)};48;2;${colorOf(x, row * 2 + 1)}m▀`,
    );
    return `${cells.join('')}\u001b[0m\n`;
  });
  return lines.join('');
}

/** Loaded only when needed: loading it would slow down every command. */
async function openPicture(file: string): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  return sharp(file);
}
