import { fromCopiedReference } from './copied-references.ts';

/** How many reference pictures a request can have. */
export const maxReferences = 14;

/** The largest reference picture, in bytes: 7 MB. */
export const maxReferenceBytes = 7 * 1024 * 1024;

const maxUrlCharacters = 8_192;

/** Is the text spelled like a reference: an http(s) URL, a `gs://` URI, or a `data:` URI within the limit? */
export function isReference(text: string): boolean {
  return describeProblem(text) === undefined;
}

/** Says what is wrong with `payload.image`, as the end of a sentence that begins with its name. */
export function describeReferenceProblem(image: unknown): string {
  if (typeof image === 'string') return describeProblem(image) ?? rule;
  if (!Array.isArray(image)) return rule;
  if (image.length > maxReferences) return `has ${image.length} pictures: at most ${maxReferences} are taken`;
  const index = image.findIndex((item) => typeof item !== 'string' || !isReference(item));
  const item: unknown = image[index];
  return `has a wrong entry at [${index}], which ${typeof item === 'string' ? describeProblem(item) : rule}`;
}

const rule =
  'must be an http(s) URL, a data: URI or a gs:// URI of a PNG, JPEG, WebP, HEIC or HEIF picture, or a list of up to 14 of them';

function describeProblem(reference: string): string | undefined {
  const text = fromCopiedReference(reference);
  if (/^data:/i.test(text)) return describeDataProblem(text);
  if (text.length > maxUrlCharacters) return `is longer than ${maxUrlCharacters.toLocaleString('en-US')} characters`;
  if (/^gs:\/\/[^/]+\/.+/.test(text)) return undefined;
  if (!URL.canParse(text)) return rule;
  return ['http:', 'https:'].includes(new URL(text).protocol) ? undefined : rule;
}

function describeDataProblem(uri: string): string | undefined {
  const comma = uri.indexOf(',');
  if (comma < 0 || comma > 200 || !/^data:image\/[\w.+-]+(;[\w=.+-]+)*;base64$/i.test(uri.slice(0, comma))) {
    return 'must be spelled data:image/TYPE;base64,DATA';
  }
  const length = uri.length - comma - 1;
  if (Math.floor((length * 3) / 4) - 2 > maxReferenceBytes)
    return 'is larger than 7 MB: give a URL, or a smaller picture';
  if (length === 0 || length % 4 !== 0 || !isBase64(uri, comma + 1))
    return 'must hold standard base64, with its padding';
  return undefined;
}

/** Standard base64 from `start` on. */
function isBase64(text: string, start: number): boolean {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  // By pieces, and for what is foreign: of megabytes that is a quarter of the time that a loop over the letters takes.
  for (let at = start; at < end; at += pieceSize) {
    if (/[^A-Za-z0-9+/]/.test(text.slice(at, Math.min(at + pieceSize, end)))) return false;
  }
  // The bits that padding leaves over are zero, so that the text can be made again from its bytes, letter by letter.
  const last = text.charAt(end - 1);
  return end === text.length || (end === text.length - 1 ? lastOfTwoBytes : lastOfOneByte).includes(last);
}

/** Characters. */
const pieceSize = 64 * 1024;

const lastOfOneByte = 'AQgw';
const lastOfTwoBytes = 'AEIMQUYcgkosw048';
