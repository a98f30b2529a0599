import { rm } from 'node:fs/promises';
import { MediaUnwritableError } from '../media/media-errors.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import {
  type AnsweredEntry,
  type CallName,
  type EndedEntry,
  Journal,
  type JournalEntry,
  readJournal,
  type StoringEntry,
  toCallName,
} from './journal.ts';
import { fromPortable, keepAnswer, toKeys } from './keep-answer.ts';

export interface ClearOptions {
  readonly store: Pick<RequestStore, 'exists' | 'hasAnswer' | 'findPicture' | 'endCalls'>;
  readonly media: Pick<MediaStore, 'keep' | 'keepSignature' | 'discard'>;
}

/**
 * Removes the folder of an attempt or submit when it is not known what of its journal the store has. First it stores and
 * records the answers that are paid for, and removes the objects that no row names. Doing it twice, or again after being
 * killed in the middle, is harmless. Rejects when store or storage cannot be reached; the folder is then still there.
 */
export async function clearFolder(folder: string, options: ClearOptions): Promise<void> {
  const { store, media } = options;
  const entries = await finishAnswers(folder, await readJournal(folder), options);
  const ended = entries.filter((entry) => entry.kind === 'ended');
  for (const entry of ended) {
    // The end of a call is true whoever records it, and however late: `endCalls` does not need the lease.
    if (!(await store.hasAnswer(toCallName(entry)))) await store.endCalls(entry.lease, [entry.end]);
  }
  for (const entry of entries) {
    if (entry.kind === 'storing') await media.discard(await findOrphans(entry, ended, store));
  }
  await rm(folder, { recursive: true, force: true });
}

/** Stores the answers that a process was about to store when it was killed. Resolves to the journal as it is then. */
async function finishAnswers(
  folder: string,
  entries: readonly JournalEntry[],
  options: ClearOptions,
): Promise<readonly JournalEntry[]> {
  const isEnded = (call: CallName) =>
    entries.some((entry) => entry.kind === 'ended' && isSameCall(toCallName(entry), call));
  const open = entries.filter((entry) => entry.kind === 'answered').filter((entry) => !isEnded(toCallName(entry)));
  for (const entry of open) await finishAnswer(folder, entry, options);
  return open.length === 0 ? entries : readJournal(folder);
}

async function finishAnswer(
  folder: string,
  { lease, end, answer }: AnsweredEntry,
  { store, media }: ClearOptions,
): Promise<void> {
  const owner = toCallName({ lease, end });
  const journal = new Journal(folder);
  if ((await store.hasAnswer(owner)) || !(await store.exists(owner.requestId))) return;
  const kept = await keepAnswer(fromPortable(answer, folder), {
    media,
    announce: (keys) => journal.append({ kind: 'storing', keys, owner }),
    storing: (keep) => keep(),
  }).catch(giveUpUnlessUnwritable);
  if (kept) await journal.append({ kind: 'ended', lease, end: { ...end, answer: kept } });
}

/** A storage in trouble will come back; bytes that the kill has cut off will not. */
function giveUpUnlessUnwritable(error: unknown): undefined {
  if (error instanceof MediaUnwritableError) throw error;
}

async function findOrphans(
  { keys, owner }: StoringEntry,
  ended: readonly EndedEntry[],
  store: ClearOptions['store'],
): Promise<readonly string[]> {
  if (!('attempt' in owner)) return (await store.exists(owner.requestId)) ? [] : keys;
  if (!(await store.hasAnswer(owner))) return keys;
  const own = ended.find((entry) => isSameCall(toCallName(entry), owner));
  // The answer is recorded, but the disk refused the entry that says which keys it has: better an orphan than a lost picture.
  if (!own) return [];
  if (!(await isRecorded(own, store))) return keys;
  // The answer may have been stored at the second try only; the keys of the first are orphans.
  const named = new Set(own.end.answer && toKeys(own.end.answer));
  return keys.filter((key) => !named.has(key));
}

/** Is it this answer that the store has? The answers of a batch job may be taken by two processes, and those of one are recorded. */
async function isRecorded({ end }: EndedEntry, store: ClearOptions['store']): Promise<boolean> {
  const names = (end.answer?.parts ?? []).flatMap((part) => (part.kind === 'picture' ? part.picture.name : []));
  const found = await Promise.all(names.map((name) => store.findPicture(name)));
  return found.every((picture) => picture !== undefined);
}

function isSameCall(left: CallName, right: CallName): boolean {
  return left.requestId === right.requestId && left.attempt === right.attempt && left.imageIndex === right.imageIndex;
}
