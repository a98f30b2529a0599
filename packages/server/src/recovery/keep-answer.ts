import { join, relative } from 'node:path';
import type { SpoolFile } from '@darkroom/json-stream';
import type { KeptAnswer, KeptPart } from '../core/image-request.ts';
import type { KeepOptions, MediaStore } from '../media/media-store.ts';
import type { AskedPicture } from '../media/picture-objects.ts';
import type { AnswerPart } from '../providers/image-model.ts';
import { appendToJournal, type CallName, type SpooledAnswer } from './journal.ts';

interface Keeper {
  readonly media: Pick<MediaStore, 'keep' | 'keepSignature' | 'discard'>;
  /** The attempt's, with its journal. */
  readonly folder: string;
  readonly owner: CallName;
  /** Stores one part, trying again as it sees fit. */
  readonly storing: (keep: () => Promise<KeptPart>) => Promise<KeptPart>;
}

/**
 * Stores an answer whole or, when it rejects, not at all. Every key stands in the journal before it is written; what could
 * not be removed again goes when the folder is cleared. Rejects as `MediaStore.keep` does.
 */
export async function keepAnswer(
  { parts, asked, ...facts }: SpooledAnswer,
  { media, folder, owner, storing }: Keeper,
): Promise<KeptAnswer> {
  const keys: string[] = [];
  const onKeys = async (announced: readonly string[]) => {
    keys.push(...announced);
    await appendToJournal(folder, { kind: 'storing', keys: announced, owner });
  };
  try {
    const kept: KeptPart[] = [];
    for (const part of parts) kept.push(await storing(() => keepPart(part, { media, asked, onKeys })));
    return { parts: kept, ...facts };
  } catch (error) {
    await media.discard(keys).catch(() => {});
    throw error;
  }
}

async function keepPart(
  part: AnswerPart,
  { media, asked, ...options }: Pick<Keeper, 'media'> & { readonly asked: AskedPicture } & KeepOptions,
): Promise<KeptPart> {
  if (part.kind === 'picture') return { kind: 'picture', picture: await media.keep(part, asked, options) };
  const signatureKey = part.signature && (await media.keepSignature(part.signature, options));
  return { kind: 'text', text: part.text, ...(signatureKey !== undefined && { signatureKey }) };
}

/** The same answer with its paths relative to `folder`: whoever reads the journal may know the folder by another name. */
export function toPortable(answer: SpooledAnswer, folder: string): SpooledAnswer {
  return mapFiles(answer, (file) => ({ ...file, path: relative(folder, file.path) }));
}

/** Undoes `toPortable`. */
export function fromPortable(answer: SpooledAnswer, folder: string): SpooledAnswer {
  return mapFiles(answer, (file) => ({ ...file, path: join(folder, file.path) }));
}

function mapFiles(answer: SpooledAnswer, map: (file: SpoolFile) => SpoolFile): SpooledAnswer {
  const parts = answer.parts.map((part): AnswerPart => {
    const signature = part.signature && { signature: map(part.signature) };
    return part.kind === 'text' ? { ...part, ...signature } : { ...part, file: map(part.file), ...signature };
  });
  return { ...answer, parts };
}
