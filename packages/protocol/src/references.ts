import { fromCopiedReference } from './copied-references.ts';
import { groupDigits } from './group-digits.ts';

/** How many reference pictures a request can have. */
export const maxReferences = 14;

/** The largest reference picture, in bytes: 7 MB. */
export const maxReferenceBytes = 7 * 1024 * 1024;

const maxUrlCharacters = 8_192;

/** Whether the text is spelled like a reference: an http(s) URL, a `gs://` URI, or base64 of a picture within the limit. */
export function isReference(text: string): boolean {
  return describeProblem(text) === undefined;
}

/** Says what is wrong with `payload.image`. The text ends a sentence that begins with the name of the key. */
export function describeReferenceProblem(image: unknown, max = maxReferences): string {
  const rule = toRule(max);
  if (typeof image === 'string') return describeProblem(image, max) ?? rule;
  if (!Array.isArray(image)) return rule;
  if (image.length > max) return `has ${image.length} pictures: at most ${max} are allowed`;
  const index = image.findIndex((item) => typeof item !== 'string' || !isReference(item));
  const item: unknown = image[index];
  return `has a wrong entry at [${index}], which ${typeof item === 'string' ? describeProblem(item, max) : rule}`;
}

const toRule = (max: number) =>
  `must be an http(s) URL, a gs:// URI, or the base64 of a picture with or without data:image/TYPE;base64, before it, or a list of up to ${max} of them`;

function describeProblem(reference: string, max = maxReferences): string | undefined {
  const rule = toRule(max);
  const text = fromCopiedReference(reference);
  const start = findInlineData(text);
  if (start !== undefined) return describeDataProblem(text, start, rule);
  if (isDataUri(text)) return 'must have the form data:image/TYPE;base64,DATA';
  if (text.length > maxUrlCharacters) return `is longer than ${groupDigits(maxUrlCharacters)} characters`;
  if (/^gs:\/\/[^/]+\/.+/.test(text)) return undefined;
  if (!URL.canParse(text)) return rule;
  return ['http:', 'https:'].includes(new URL(text).protocol) ? undefined : rule;
}

/**
 * Where the base64 of an inline picture begins: after the comma of a `data:` URI, with any type or none, or at the start of
 * bare base64. `undefined` when the reference points to a picture elsewhere.
 */
export function findInlineData(reference: string): number | undefined {
  const [head] = /^\s*data:[^,]{0,200};\s*base64\s*,/i.exec(reference) ?? [];
  if (head !== undefined) return head.length;
  // A URL never begins like this, because a colon follows its scheme.
  return /^\s*[\w+/-]{32}/.test(reference) ? 0 : undefined;
}

function isDataUri(text: string): boolean {
  return /^\s*data:/i.test(text);
}

function describeDataProblem(text: string, start: number, rule: string): string | undefined {
  const characters = countBase64(text, start);
  if (characters === undefined || characters === 0 || characters % 4 === 1)
    return start === 0 ? rule : 'must have valid base64 after its comma';
  if (Math.floor((characters * 3) / 4) > maxReferenceBytes)
    return 'is larger than 7 MB: give a URL, or a smaller picture';
  return undefined;
}

/**
 * Counts the characters of base64 from `start` on: standard or URL-safe, padded or not, with white space and
 * percent-encoding allowed. `undefined` when the text holds anything else.
 */
function countBase64(text: string, start: number): number | undefined {
  let at = start;
  // Searches piece by piece for other characters. For megabytes this takes a quarter of the time of a loop over characters.
  while (at < text.length && !/[^\w+/-]/.test(text.slice(at, at + pieceSize))) at += pieceSize;
  at = Math.min(at, text.length);
  let count = at - start;
  let padding = 0;
  for (; at < text.length; at += 1) {
    let code = text.charCodeAt(at);
    if (code === percent) {
      code = Number.parseInt(text.slice(at + 1, at + 3), 16);
      at += 2;
    }
    if (isWhiteSpace(code)) continue;
    if (code === equals) padding += 1;
    else if (padding > 0 || !isBase64Code(code)) return undefined;
    else count += 1;
  }
  return padding <= 2 && (padding === 0 || (count + padding) % 4 === 0) ? count : undefined;
}

/** In characters. */
const pieceSize = 64 * 1024;

const percent = 0x25;
const equals = 0x3d;

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isBase64Code(code: number): boolean {
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter || (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 47 || code === 95;
}
