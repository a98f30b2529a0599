import { rm } from 'node:fs/promises';
import { BrokenString } from '@darkroom/json-stream';
import type { AnswerPart } from '../image-model.ts';
import type { GivenPart } from './answer.ts';
import { isFinished } from './refusals.ts';
import { maxWordsLength, type Piece, readWords, type WordsOptions } from './words.ts';

/** The parts of an answer that are kept. */
export interface TakenParts {
  readonly parts: readonly AnswerPart[];
  /** The answer held a picture that is not base64. */
  readonly isBroken: boolean;
}

/** Of each kind: more than any model returns, and few enough for a row and a page. */
const maxParts = 32;

/** A part of the answer, or the reason why it is none. */
type ReadPart = { readonly from: 'part' | 'words' | 'draft'; readonly part: AnswerPart } | { readonly from: 'broken' };

/**
 * The words and the pictures of an answer. Thoughts are left out, and so are pictures inside the words when there are real ones.
 * But when a finished candidate shows no other picture, its last draft is taken, because it was paid for. Files of `given` that
 * are not taken are left to the caller; this function leaves no other file that it makes.
 */
export async function takeParts(
  given: readonly GivenPart[],
  { finishReason, ...options }: Omit<WordsOptions, 'maxPictures'> & { readonly finishReason: string | undefined },
): Promise<TakenParts> {
  const read: ReadPart[] = [];
  try {
    let maxPictures = maxParts;
    for (const one of given) {
      const some = await readPart(one, { ...options, maxPictures });
      maxPictures = Math.max(0, maxPictures - some.filter(({ from }) => from === 'words' || from === 'broken').length);
      read.push(...some);
    }
  } catch (error) {
    await removeMade(read, []);
    throw error;
  }
  const pictures = choosePictures(read, isFinished(finishReason)).slice(0, maxParts);
  const taken = new Set<AnswerPart>([...pictures, ...chooseTexts(read)]);
  const parts = read.flatMap((one) => (one.from !== 'broken' && taken.has(one.part) ? [one.part] : []));
  await removeMade(read, parts);
  return { parts, isBroken: read.some(({ from }) => from === 'broken') };
}

/** The first texts, as many as together are no longer than one text may be. */
function chooseTexts(read: readonly ReadPart[]): readonly AnswerPart[] {
  let length = 0;
  return read
    .flatMap((one) => (one.from === 'part' && one.part.kind === 'text' ? [one.part] : []))
    .slice(0, maxParts)
    .filter(({ text }) => {
      length += text.length;
      return length <= maxWordsLength;
    });
}

function choosePictures(read: readonly ReadPart[], isDone: boolean): readonly AnswerPart[] {
  const pictures = (from: ReadPart['from']) =>
    read.flatMap((one) =>
      one.from !== 'broken' && one.from === from && one.part.kind === 'picture' ? [one.part] : [],
    );
  const finals = [pictures('part'), pictures('words')].find((some) => some.length > 0);
  return finals ?? (isDone ? pictures('draft').slice(-1) : []);
}

async function readPart(given: GivenPart, options: WordsOptions): Promise<readonly ReadPart[]> {
  const { isThought, picture, text } = given;
  const signature = given.signature && { signature: given.signature.file };
  if (picture?.data instanceof BrokenString) return isThought ? [] : [{ from: 'broken' }];
  if (picture) {
    const declaredMimeType = picture.mimeType ?? picture.data.mimeType ?? unknownType;
    const part = { kind: 'picture', file: picture.data.file, declaredMimeType, ...signature } as const;
    return [{ from: isThought ? 'draft' : 'part', part }];
  }
  if (isThought || text === undefined) return [];
  if (text === '') return signature ? [{ from: 'part', part: { kind: 'text', text, ...signature } }] : [];
  const pieces = await readWords(text, options);
  // The signature covers the whole part; a picture that is sent back must have one.
  const signed = pieces.find(({ kind }) => kind === 'picture') ?? pieces[0];
  return pieces.map((piece) => toReadPart(piece, piece === signed ? signature : undefined));
}

function toReadPart(piece: Piece, signature: Pick<AnswerPart, 'signature'> | undefined): ReadPart {
  if (piece.kind === 'words') return { from: 'part', part: { kind: 'text', text: piece.text, ...signature } };
  const { picture } = piece;
  if (picture instanceof BrokenString) return { from: 'broken' };
  const declaredMimeType = picture.mimeType ?? unknownType;
  return { from: 'words', part: { kind: 'picture', file: picture.file, declaredMimeType, ...signature } };
}

const unknownType = 'application/octet-stream';

async function removeMade(read: readonly ReadPart[], kept: readonly AnswerPart[]): Promise<void> {
  for (const one of read) {
    const isMade = one.from === 'words' && one.part.kind === 'picture' && !kept.includes(one.part);
    if (isMade && one.part.kind === 'picture') await rm(one.part.file.path, { force: true });
  }
}

/** The files of the parts: those that outlive the answer. */
export function filesOf(parts: readonly AnswerPart[]): readonly string[] {
  return parts.flatMap((part) => [
    ...(part.kind === 'picture' ? [part.file.path] : []),
    ...(part.signature ? [part.signature.path] : []),
  ]);
}
