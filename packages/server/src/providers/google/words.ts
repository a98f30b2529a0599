import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type BrokenString, SpooledString, StringSpooler } from '@darkroom/json-stream';
import { createSecret } from '../../platform/ids.ts';
import { toSafeText } from '../upstream-text.ts';

/** What the model said, and the pictures that it wrote into its words, in order. */
export type Piece =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'picture'; readonly picture: SpooledString | BrokenString };

export interface WordsOptions {
  /** The folder in which the pictures become files. */
  readonly folder: string;
  /** The limit for each picture. */
  readonly maxFileBytes: number;
  /** Further pictures are left out: a file for every few characters would take hours. */
  readonly maxPictures: number;
}

/** The limit for one part; more than any model writes. */
export const maxWordsLength = 200_000;

/** Where a picture begins in words: with the head of a data URI, or with the base64 of a picture's first bytes. */
const start = new RegExp(
  [
    'data:(?:image/[\\w.+-]{1,64}|application/octet-stream)?(?:;[\\w.+-]{1,64}=[\\w.+-]{0,64}){0,3};base64,\\s{0,9}',
    // PNG, JPEG, WebP, GIF, and AVIF or HEIC.
    '(?<![\\w+/=-])(?=(?:iVBORw0KGgo|/9j/|UklGR[\\w+/-]{7}RUJQ|R0lGOD[dl]h|AAAA[\\w+/-]{2}Z0eX[A-D])[\\w+/-]{40})',
  ].join('|'),
);
/** No start is longer. */
const startLength = 500;

/**
 * Base64 that continues after a line break, and not the words that follow: they would be short and end in a space or a full stop.
 */
const nextLine = /^\r?\n[ \t]{0,20}(?=[\w+/-]{16}|[\w+/-]{1,15}(?:[=\r\n)"'`]|$))/;
const nextLineLength = 100;

/** Reads words, in memory or in a file; of a file, only some slabs are in memory at a time. */
export async function readWords(source: string | SpooledString, options: WordsOptions): Promise<readonly Piece[]> {
  if (typeof source === 'string' && !start.test(source)) return toPieces(source);
  const reader = new WordsReader(options);
  try {
    if (typeof source === 'string') await reader.take(source);
    else for await (const slab of createReadStream(source.file.path, { encoding: 'utf8' })) await reader.take(slab);
    return await reader.end();
  } catch (error) {
    await reader.discard();
    throw error;
  }
}

class WordsReader {
  readonly #options: WordsOptions;
  readonly #pieces: Piece[] = [];
  /** Read, but not yet parsed. */
  #rest = '';
  #words = '';
  #picturesLeft: number;
  /** There were too many pictures: the rest is not read. */
  #isOver = false;
  #open: StringSpooler | undefined;

  constructor(options: WordsOptions) {
    this.#options = options;
    this.#picturesLeft = options.maxPictures;
  }

  async take(slab: string): Promise<void> {
    if (this.#isOver) return;
    this.#rest += slab;
    await this.#read(false);
  }

  /** The pieces, without the marks around the pictures. */
  async end(): Promise<readonly Piece[]> {
    await this.#read(true);
    if (this.#open) await this.#close(this.#open);
    this.#endWords();
    return stripMarks(this.#pieces);
  }

  /** Leaves no file behind. */
  async discard(): Promise<void> {
    await this.#open?.discard();
    for (const { picture } of this.#pieces.filter((piece) => piece.kind === 'picture')) {
      if (picture instanceof SpooledString) await rm(picture.file.path, { force: true });
    }
  }

  async #read(isLast: boolean): Promise<void> {
    while (this.#open ? await this.#readPicture(this.#open, isLast) : await this.#readWords(isLast));
  }

  /** Returns whether there is more to do before more is read. */
  async #readWords(isLast: boolean): Promise<boolean> {
    const match = start.exec(this.#rest);
    const end = match?.index ?? (isLast ? this.#rest.length : Math.max(0, this.#rest.length - startLength));
    this.#words += this.#rest.slice(0, Math.min(end, maxWordsLength - this.#words.length));
    this.#rest = this.#rest.slice(end);
    if (!match) return false;
    this.#endWords();
    if (this.#picturesLeft === 0) {
      this.#rest = '';
      this.#isOver = true;
      return false;
    }
    this.#picturesLeft -= 1;
    this.#open = await StringSpooler.create({ ...this.#options, name: createSecret(), encoding: 'picture' });
    await this.#spool(this.#open, match[0].length);
    return true;
  }

  async #readPicture(spooler: StringSpooler, isLast: boolean): Promise<boolean> {
    await this.#spool(spooler, /^[\w+/-]*/.exec(this.#rest)?.[0].length ?? 0);
    if (this.#rest.length < nextLineLength && !isLast) return false;
    const lineBreak = nextLine.exec(this.#rest)?.[0];
    if (lineBreak !== undefined) {
      this.#rest = this.#rest.slice(lineBreak.length);
      return true;
    }
    this.#rest = this.#rest.replace(/^={1,2}/, '');
    await this.#close(spooler);
    return true;
  }

  async #spool(spooler: StringSpooler, length: number): Promise<void> {
    await spooler.take(Buffer.from(this.#rest.slice(0, length)), 0);
    this.#rest = this.#rest.slice(length);
  }

  async #close(spooler: StringSpooler): Promise<void> {
    const picture = await spooler.end();
    this.#open = undefined;
    const isEmpty = picture instanceof SpooledString && picture.file.bytes === 0;
    if (isEmpty) await rm(picture.file.path);
    else this.#pieces.push({ kind: 'picture', picture });
  }

  #endWords(): void {
    this.#pieces.push(...toPieces(this.#words));
    this.#words = '';
  }
}

function toPieces(words: string): readonly Piece[] {
  const text = toSafeText(words, maxWordsLength);
  return text === '' ? [] : [{ kind: 'words', text }];
}

/** What surrounds a picture in words: Markdown, HTML, a fence. Only the ends are checked. */
const marks: readonly (readonly [before: RegExp, after: RegExp])[] = [
  [/!?\[[^[\]]{0,500}\]\(\s{0,9}<?$/, /^>?(?:\s{0,9}(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'))?\s{0,9}\)/],
  [/<img\b[^<>]{0,500}\bsrc\s{0,9}=\s{0,9}["']?$/i, /^["']?[^<>]{0,500}>/],
  [/```[\w-]{0,20}\s{0,9}$/, /^\s{0,9}```/],
];
const marksLength = 1_100;

/** Words without the marks of the pictures next to them; words that are only marks are removed. */
function stripMarks(pieces: readonly Piece[]): readonly Piece[] {
  const texts = pieces.map((piece) => (piece.kind === 'words' ? piece.text : ''));
  for (const [index, piece] of pieces.entries()) {
    const [before = '', after = ''] = [texts[index - 1], texts[index + 1]];
    const [opening, closing] = marks.find(([one]) => one.test(before.slice(-marksLength))) ?? [];
    if (piece.kind === 'words' || !opening || !closing) continue;
    texts[index - 1] = before.slice(0, -marksLength) + before.slice(-marksLength).replace(opening, '');
    if (index + 1 < pieces.length) texts[index + 1] = after.replace(closing, '');
  }
  return pieces.flatMap((piece, index): readonly Piece[] => {
    if (piece.kind === 'picture') return [piece];
    const text = texts[index]?.trim() ?? '';
    return /[\p{L}\p{N}]/u.test(text) ? [{ kind: 'words', text }] : [];
  });
}
