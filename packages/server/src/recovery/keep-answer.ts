import { join, relative } from 'node:path';
import type { SpoolFile } from '@darkroom/json-stream';
import type { KeptAnswer, KeptPart } from '../core/image-request.ts';
import type { KeepOptions, MediaStore } from '../media/media-store.ts';
import { toPictureKey } from '../media/picture-name.ts';
import type { AskedPicture } from '../media/picture-objects.ts';
import type { AnswerPart } from '../providers/image-model.ts';
import type { AnsweredCall } from './journal.ts';

/** Stores one part of an answer by calling `keep`, which may be called again when it rejects. */
export type Storing = (keep: () => Promise<KeptPart>) => Promise<KeptPart>;

interface Keeper {
  readonly media: Pick<MediaStore, 'keep' | 'keepSignature' | 'discard'>;
  /** Called with the keys of the objects before any of them is written, and waited for. */
  readonly announce: (keys: readonly string[]) => Promise<void>;
  readonly storing: Storing;
}

/**
 * Stores an answer whole or, when it rejects, not at all. What could not be removed again is removed when the folder is
 * cleared. Rejects as `MediaStore.keep` does.
 */
export async function keepAnswer(
  { parts, asked, ...facts }: AnsweredCall['answer'],
  { media, announce, storing }: Keeper,
): Promise<KeptAnswer> {
  const announced: string[] = [];
  const onKeys = async (keys: readonly string[]) => {
    announced.push(...keys);
    await announce(keys);
  };
  try {
    const kept: KeptPart[] = [];
    for (const part of parts) kept.push(await storing(() => keepPart(part, { media, asked, onKeys })));
    return { parts: kept, ...facts };
  } catch (error) {
    await media.discard(announced).catch(() => {});
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

/** The keys of everything that an answer has in the storage. */
export function toKeys({ parts }: KeptAnswer): readonly string[] {
  return parts.flatMap((part) => {
    if (part.kind === 'text') return part.signatureKey ?? [];
    const { name, originalKey, signatureKey } = part.picture;
    return [toPictureKey(name), originalKey, signatureKey].filter((key) => key !== undefined);
  });
}

/** The same answer with paths relative to `folder`. */
export function toPortable(answer: AnsweredCall['answer'], folder: string): AnsweredCall['answer'] {
  return mapFiles(answer, (file) => ({ ...file, path: relative(folder, file.path) }));
}

/** Undoes `toPortable`. */
export function fromPortable(answer: AnsweredCall['answer'], folder: string): AnsweredCall['answer'] {
  return mapFiles(answer, (file) => ({ ...file, path: join(folder, file.path) }));
}

function mapFiles(answer: AnsweredCall['answer'], map: (file: SpoolFile) => SpoolFile): AnsweredCall['answer'] {
  const { masked, ...asked } = answer.asked;
  const parts = answer.parts.map((part): AnswerPart => {
    const signature = part.signature && { signature: map(part.signature) };
    return part.kind === 'text' ? { ...part, ...signature } : { ...part, file: map(part.file), ...signature };
  });
  if (!masked) return { ...answer, parts };
  const mapped = { original: map(masked.original), mask: map(masked.mask) };
  return { ...answer, parts, asked: { ...asked, masked: mapped } };
}
