import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { type ContentsPart, findInlineData, type Payload } from '@darkroom/protocol';
import { toMediaUri } from '../core/conversation.ts';
import type { InlinePicture } from '../core/image-request.ts';
import type { MediaStore } from '../media/media-store.ts';
import { createPictureName, toPictureKey } from '../media/picture-name.ts';
import { spoolDataUri } from '../media/references/data-uri.ts';
import type { SpooledPicture } from '../media/references/spool-picture.ts';
import { appendToJournal } from '../media/write-ahead/journal.ts';
import { retireFolder } from '../media/write-ahead/retire-folder.ts';
import type { Logger } from '../platform/logger.ts';
import type { RequestStore } from '../store/request-store.ts';
import { createInputProblem, formatPath } from './validation.ts';

export interface InlineContext {
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly spoolFolder: string;
  readonly logger: Logger;
}

/** A payload whose inline pictures lie in the media store. */
export interface StoredPayload {
  /** What the row keeps: each base64 is cut off. */
  readonly payload: Record<string, unknown>;
  readonly inline: readonly InlinePicture[];
  /** The checked payload, with a `media:` URI in place of each inline picture. */
  readonly checked: Payload;
  /**
   * To be called when it is settled whether the row is kept, whatever came of it: takes the pictures back when it was not,
   * and removes what the spool holds of them. Until then a process that is killed leaves notes of what it stored.
   */
  release(): Promise<void>;
}

type Path = InlinePicture['path'];

/**
 * Moves the pictures that a payload holds as base64 into the media store, so that no row, no worker and no later turn
 * carries them. They belong to the request of this id, which is to be kept next. Throws a `Problem` that names the picture
 * that is none; then nothing is stored.
 */
export async function storeInlinePictures(
  payload: Record<string, unknown>,
  checked: Payload,
  { requestId, ...context }: InlineContext & { readonly requestId: string },
): Promise<StoredPayload> {
  const places = findInline(checked);
  if (places.length === 0) return { payload, inline: [], checked, release: async () => undefined };
  const folder = await mkdtemp(path.join(context.spoolFolder, 'submit-'));
  const release = () => retireFolder(folder, context);
  try {
    const inline = await store(places, { ...context, requestId, folder });
    return {
      payload: replace(payload, inline, (text) => text.slice(0, toDataStart(text))),
      inline,
      checked: replace(checked, inline, (_, name) => toMediaUri(name)),
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

interface Place {
  readonly path: Path;
  /** As a data URI, however it was spelled. */
  readonly uri: string;
}

async function store(
  places: readonly Place[],
  { media, requestId, folder }: { readonly media: MediaStore; readonly requestId: string; readonly folder: string },
): Promise<readonly InlinePicture[]> {
  const pictures: (InlinePicture & SpooledPicture)[] = [];
  for (const place of places) {
    const picture = await spool(place, folder);
    pictures.push({ ...picture, path: place.path, name: createPictureName(picture.mimeType) });
  }
  const keys = pictures.map(({ name }) => toPictureKey(name));
  await appendToJournal(folder, { kind: 'storing', keys, owner: { requestId } });
  for (const { file, mimeType, name } of pictures) await media.keepAsIs(file, mimeType, name);
  return pictures.map(({ path: at, name }) => ({ path: at, name }));
}

async function spool({ path: at, uri }: Place, folder: string): Promise<SpooledPicture> {
  const spooled = await spoolDataUri(uri, { folder });
  if (spooled.kind === 'fetched') return spooled;
  throw createInputProblem([{ path: formatPath('payload', at), message: `cannot be read: ${spooled.reason}` }]);
}

function findInline({ image, contents }: Payload): readonly Place[] {
  if (contents) {
    return contents.flatMap(({ parts }, turn) =>
      parts.flatMap((part, index) => findInPart(part, ['contents', turn, 'parts', index])),
    );
  }
  if (typeof image === 'string') return toPlaces(['image'], image);
  return (image ?? []).flatMap((uri, index) => toPlaces(['image', index], uri));
}

function findInPart(part: ContentsPart, at: Path): readonly Place[] {
  const uris = (['fileData', 'file_data'] as const).flatMap((key) =>
    (['fileUri', 'file_uri'] as const).flatMap((name) => toPlaces([...at, key, name], part[key]?.[name] ?? '')),
  );
  const data = (['inlineData', 'inline_data'] as const).flatMap((key) => {
    const base64 = part[key]?.data;
    return base64 ? [{ path: [...at, key, 'data'], uri: toUri(base64) }] : [];
  });
  return [...uris, ...data];
}

function toPlaces(at: Path, uri: string): readonly Place[] {
  return findInlineData(uri) === undefined ? [] : [{ path: at, uri: toUri(uri) }];
}

/** Base64 that is too short to be known as such is it here all the same. */
function toUri(text: string): string {
  return findInlineData(text) ? text : `data:;base64,${text}`;
}

/** Where the base64 begins: behind the comma of a data URI, else at the start. */
function toDataStart(text: string): number {
  return findInlineData(text) ?? 0;
}

/** A copy with other texts at the places of the inline pictures. */
function replace<T>(value: T, inline: readonly InlinePicture[], toText: (text: string, name: string) => string): T {
  return inline.reduce((copy, { path: at, name }) => replaceAt(copy, at, (text) => toText(text, name)), value);
}

function replaceAt<T>(value: T, [key, ...rest]: Path, toText: (text: string) => string): T {
  if (key === undefined) return toText(String(value)) as T; // the place holds a text, as `findInline` saw
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as T & Record<string | number, unknown>; // and what leads there is a list or an object
  copy[key as keyof typeof copy] = replaceAt(copy[key], rest, toText) as never;
  return copy;
}
