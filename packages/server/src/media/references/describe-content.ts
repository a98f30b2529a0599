/**
 * Says what the bytes are when they are not a picture that Darkroom accepts, e.g. `an HTML page`; `undefined` when it
 * cannot tell.
 */
export function describeContent(start: Uint8Array): string | undefined {
  const text = Buffer.from(start.subarray(0, 4096)).toString('latin1');
  if (text.slice(4, 8) === 'ftyp') return text.slice(8, 64).includes('avi') ? 'an AVIF picture' : 'a video';
  return signatures.find(([, signature]) => text.startsWith(signature))?.[0] ?? describeText(text);
}

const signatures: readonly (readonly [string, string])[] = [
  ['a GIF picture', 'GIF8'],
  ['a TIFF picture', 'II*\0'],
  ['a TIFF picture', 'MM\0*'],
  ['a BMP picture', 'BM'],
  ['an icon', '\0\0\x01\0'],
  ['a JPEG XL picture', '\xff\x0a'],
  ['a JPEG XL picture', '\0\0\0\x0cJXL '],
  ['a Photoshop file', '8BPS'],
  ['a PDF document', '%PDF-'],
  ['a video', '\x1aE\xdf\xa3'],
  ['an archive', 'PK\x03\x04'],
  ['an archive', '\x1f\x8b'],
];

/** The text comes from a stranger. Each pattern is tried at one place or is a plain search, so none can take long. */
function describeText(text: string): string | undefined {
  const trimmed = text.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^[{[]/.test(trimmed)) return 'a JSON document';
  if (!trimmed.startsWith('<')) return undefined;
  // The order matters: a page may contain an SVG.
  if (/<(!doctype html|html|head|body)\b/i.test(trimmed)) return 'an HTML page';
  if (/<svg\b/i.test(trimmed)) return 'an SVG drawing';
  return trimmed.startsWith('<?xml') ? 'an XML document' : 'text with markup';
}
