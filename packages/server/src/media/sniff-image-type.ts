export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/heic' | 'image/heif';

/** How many of a file's first bytes `sniffImageType` wants. */
export const sniffedBytes = 64;

/** The type of a picture by its first bytes, or `undefined` when it is none of those Darkroom deals with. */
export function sniffImageType(bytes: Uint8Array): ImageType | undefined {
  const start = Buffer.from(bytes.subarray(0, sniffedBytes)).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'image/webp';
  if (start.slice(4, 8) === 'ftyp') return toHeifType(start);
  return undefined;
}

/**
 * HEIC and HEIF are told apart by the brands of the `ftyp` box (ISO/IEC 23008-12): its size, `ftyp`, the major brand, a
 * version and the compatible brands, four characters each.
 */
function toHeifType(start: string): ImageType | undefined {
  const end = Math.min(start.length, Buffer.from(start.slice(0, 4), 'latin1').readUInt32BE());
  const brands = [start.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(start.slice(at, at + 4));
  // AVIF wears the general brand too, and no upstream of ours reads it.
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return undefined;
  if (brands.some((brand) => heicBrands.has(brand))) return 'image/heic';
  return brands.some((brand) => heifBrands.has(brand)) ? 'image/heif' : undefined;
}

const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const heifBrands = new Set(['mif1', 'msf1']);
