/** A type that Darkroom accepts. Types that an upstream does not accept are converted first. */
export type ImageType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/webp'
  | 'image/heic'
  | 'image/heif'
  | 'image/gif'
  | 'image/bmp'
  | 'image/tiff'
  | 'image/avif';

/** How many of a file's first bytes `sniffImageType` needs: room for 60 brands. */
const sniffedBytes = 256;

/** The type of a picture according to its first bytes; `undefined` when Darkroom does not handle it. */
export function sniffImageType(bytes: Uint8Array): ImageType | undefined {
  const start = Buffer.from(bytes.subarray(0, sniffedBytes)).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'image/webp';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (start.startsWith('II*\0') || start.startsWith('MM\0*')) return 'image/tiff';
  if (isBmp(start)) return 'image/bmp';
  if (start.slice(4, 8) === 'ftyp') return toHeifType(start);
  return undefined;
}

/** Two letters alone would turn many texts into pictures, so the four reserved bytes and the header's size count too. */
function isBmp(start: string): boolean {
  if (!start.startsWith('BM') || start.slice(6, 10) !== '\0\0\0\0' || start.length < 18) return false;
  return [12, 40, 52, 56, 64, 108, 124].includes(Buffer.from(start.slice(14, 18), 'latin1').readUInt32LE());
}

/**
 * The brands in the `ftyp` box distinguish the kinds of HEIF (ISO/IEC 23008-12). The box has its size, `ftyp`, the
 * major brand, a version and the compatible brands, four characters each. Any of the brands may come first, because
 * HEIC writers also put the general brand there.
 */
function toHeifType(start: string): ImageType | undefined {
  const end = Math.min(start.length, Buffer.from(start.slice(0, 4), 'latin1').readUInt32BE());
  const brands = [start.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(start.slice(at, at + 4));
  // The order matters: AVIF has the general brand too.
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'image/avif';
  if (brands.some((brand) => heicBrands.has(brand))) return 'image/heic';
  return brands.some((brand) => heifBrands.has(brand)) ? 'image/heif' : undefined;
}

const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const heifBrands = new Set(['mif1', 'msf1']);
