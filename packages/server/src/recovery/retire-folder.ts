import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { KeptPart } from '../core/image-request.ts';
import { MediaUnwritableError } from '../media/media-errors.ts';
import type { MediaStore } from '../media/media-store.ts';
import { toPictureKey } from '../media/picture-name.ts';
import type { Logger } from '../platform/logger.ts';
import type { RequestStore } from '../store/request-store.ts';
import {
  type AnsweredEntry,
  appendToJournal,
  type CallName,
  type EndedEntry,
  type JournalEntry,
  readJournal,
  type StoringEntry,
} from './journal.ts';
import { fromPortable, keepAnswer } from './keep-answer.ts';

export interface RetireOptions {
  readonly store: Pick<RequestStore, 'exists' | 'hasAnswer' | 'endCalls'>;
  readonly media: Pick<MediaStore, 'keep' | 'keepSignature' | 'discard'>;
}

/**
 * Ends the life of an attempt's or submit's spool folder: `clearFolder`, or, while store or storage are in trouble, leaves
 * it aside for the sweeper to try again. Never rejects.
 */
export async function retireFolder(
  folder: string,
  { logger, ...options }: RetireOptions & { readonly logger: Logger },
): Promise<void> {
  try {
    await clearFolder(folder, options);
  } catch (error) {
    logger.error({ event: 'spool.uncleared', folder, err: error });
    await rename(folder, join(dirname(folder), `${setAsidePrefix}${basename(folder)}`)).catch((cause: unknown) =>
      logger.error({ event: 'spool.uncleared', folder, err: cause }),
    );
  }
}

/** Was the folder of this name left aside by `retireFolder`? */
export function isSetAside(name: string): boolean {
  return name.startsWith(setAsidePrefix);
}

const setAsidePrefix = '~';

/**
 * Removes a spool folder that nobody works in any more. Before that, what its journal says is paid for is stored and
 * recorded, and objects that no row names are removed from the storage. Doing it twice, or after being killed in the middle,
 * is harmless. Rejects when store or storage cannot be reached; the folder is then still there.
 */
export async function clearFolder(folder: string, options: RetireOptions): Promise<void> {
  const { store, media } = options;
  const entries = await finishAnswers(folder, await readJournal(folder), options);
  const ended = entries.filter((entry) => entry.kind === 'ended');
  for (const entry of ended) {
    // The end of a call is true whoever tells it, and however late: `endCalls` asks for no lease.
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
  options: RetireOptions,
): Promise<readonly JournalEntry[]> {
  const isEnded = (call: CallName) =>
    entries.some((entry) => entry.kind === 'ended' && isSameCall(toCallName(entry), call));
  const open = entries.filter((entry) => entry.kind === 'answered').filter((entry) => !isEnded(toCallName(entry)));
  for (const entry of open) await finishAnswer(folder, entry, options);
  return open.length === 0 ? entries : readJournal(folder);
}

async function finishAnswer(folder: string, entry: AnsweredEntry, { store, media }: RetireOptions): Promise<void> {
  const owner = toCallName(entry);
  if ((await store.hasAnswer(owner)) || !(await store.exists(owner.requestId))) return;
  const storing = (keep: () => Promise<KeptPart>) => keep();
  const answer = await keepAnswer(fromPortable(entry.answer, folder), { media, folder, owner, storing }).catch(
    giveUpUnlessUnwritable,
  );
  if (answer) await appendToJournal(folder, { kind: 'ended', lease: entry.lease, end: { ...entry.end, answer } });
}

/** A storage in trouble will come back; bytes that the kill has cut off will not. */
function giveUpUnlessUnwritable(error: unknown): undefined {
  if (error instanceof MediaUnwritableError) throw error;
}

async function findOrphans(
  { keys, owner }: StoringEntry,
  ended: readonly EndedEntry[],
  store: RetireOptions['store'],
): Promise<readonly string[]> {
  if (!('attempt' in owner)) return (await store.exists(owner.requestId)) ? [] : keys;
  if (!(await store.hasAnswer(owner))) return keys;
  const own = ended.find((entry) => isSameCall(toCallName(entry), owner));
  // Recorded, but the disk refused the entry that tells what of it: better an orphan than a picture lost.
  if (!own) return [];
  // The answer may have been stored at the second try only; the keys of the first are orphans.
  const named = new Set(own.end.answer?.parts.flatMap(toKeys));
  return keys.filter((key) => !named.has(key));
}

function toCallName({ lease, end }: EndedEntry | AnsweredEntry): CallName {
  return { requestId: lease.requestId, attempt: lease.attempt, imageIndex: end.imageIndex };
}

function isSameCall(left: CallName, right: CallName): boolean {
  return left.requestId === right.requestId && left.attempt === right.attempt && left.imageIndex === right.imageIndex;
}

/** The keys of all that a part has in the storage. */
function toKeys(part: KeptPart): readonly string[] {
  if (part.kind === 'text') return part.signatureKey === undefined ? [] : [part.signatureKey];
  const { name, originalKey, signatureKey } = part.picture;
  return [toPictureKey(name), originalKey, signatureKey].filter((key) => key !== undefined);
}
