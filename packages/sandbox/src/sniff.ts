import { open } from 'node:fs/promises';
import type { SpoolFile } from '@darkroom/json-stream';

/** The type that the first bytes of a file indicate; `undefined` if the upstream does not read this type. */
export async function sniff(file: SpoolFile): Promise<ReadableMimeType | undefined> {
  const head = await readHead(file);
  return magicBytes.find(({ matches }) => matches(head))?.mimeType;
}

/** The types of pictures that the upstream reads. */
export type ReadableMimeType = (typeof readableMimeTypes)[number];

const readableMimeTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'] as const;

export function isReadableMimeType(mimeType: string): mimeType is ReadableMimeType {
  return readableMimeTypes.some((readable) => readable === mimeType);
}

async function readHead({ path }: SpoolFile): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  return buffer.subarray(0, bytesRead);
}

/** Enough for 60 brands. */
const headBytes = 256;

const heicBrands: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const heifBrands: ReadonlySet<string> = new Set(['mif1', 'msf1']);

const magicBytes: readonly { readonly mimeType: ReadableMimeType; matches(head: Buffer): boolean }[] = [
  { mimeType: 'image/png', matches: (head) => head.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n' },
  { mimeType: 'image/jpeg', matches: (head) => head.toString('hex', 0, 3) === 'ffd8ff' },
  { mimeType: 'image/webp', matches: (head) => word(head, 0) === 'RIFF' && word(head, 8) === 'WEBP' },
  { mimeType: 'image/heic', matches: (head) => toBrands(head).some((brand) => heicBrands.has(brand)) },
  { mimeType: 'image/heif', matches: (head) => toBrands(head).some((brand) => heifBrands.has(brand)) },
];

/** The major and the compatible brands of an HEIF file, in any order. None for other files and for AVIF. */
function toBrands(head: Buffer): readonly string[] {
  if (head.length < 12 || word(head, 4) !== 'ftyp') return [];
  const end = Math.min(head.length, head.readUInt32BE());
  const brands = [word(head, 8)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(word(head, at));
  return brands.some((brand) => brand === 'avif' || brand === 'avis') ? [] : brands;
}

function word(head: Buffer, at: number): string {
  return head.toString('latin1', at, at + 4);
}
