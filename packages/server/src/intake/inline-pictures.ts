import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { type ContentsPart, findInlineData, type Payload } from '@darkroom/protocol';
import { toMediaUri } from '../core/conversation.ts';
import type { InlinePicture } from '../core/image-request.ts';
import type { OwnLimits } from '../core/limits.ts';
import { assertShare } from '../core/overload.ts';
import { createInputProblem, formatPath } from '../core/parse-input.ts';
import { createTextProblem, maxTextBytes } from '../core/text-limit.ts';
import type { MediaStore } from '../media/media-store.ts';
import { createPictureName, toPictureKey } from '../media/picture-name.ts';
import { spoolDataUri } from '../media/references/data-uri.ts';
import type { SpooledPicture } from '../media/references/spool-picture.ts';
import { hashFile } from '../media/sha256.ts';
import type { AssertStorageRoom } from '../media/storage-room.ts';
import type { DiskShares } from '../platform/disk-shares.ts';
import { findInJson } from '../platform/json-places.ts';
import type { Logger } from '../platform/logger.ts';
import { SpoolFolder } from '../recovery/spool-folder.ts';
import type { RequestStore } from '../store/request-store.ts';
import { findSignatures, type SignaturePlace, storeSignatures } from './sent-signatures.ts';

export interface InlineContext {
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly spoolFolder: string;
  readonly headroom: DiskShares;
  readonly assertStorageRoom: AssertStorageRoom;
  readonly logger: Logger;
}

/** A payload whose inline pictures are in the media store. */
export interface StoredPayload {
  /** The JSON text that the row keeps: as it was sent, except that the base64 is cut off. */
  readonly payload: string;
  readonly inline: readonly InlinePicture[];
  /** The checked payload, with a `media:` URI in place of each inline picture. */
  readonly checked: Payload;
  /**
   * Call it when the submit has ended, however it ended. `isKept`: the row is known to be written, and keeps its pictures.
   * Otherwise the store is asked, and the pictures are removed when it has no row for them. If the process is killed before that,
   * notes remain of what it stored.
   */
  release(isKept: boolean): Promise<void>;
}

type Path = InlinePicture['path'];

/**
 * Moves the pictures that a payload holds as base64 into the media store, so that no row, no worker and no later turn
 * carries them. They belong to the request of this id, which is to be kept next. A picture in a turn of the model that an earlier
 * request of the organization has made, byte for byte, is not stored again: its place refers to the stored one, which has its
 * original and its signature. Signatures that came with other turns of the model are stored, and go to the upstream as they came.
 * Throws a `Problem` when one of the pictures is not a picture, when the rest is too large for a row, when the organization fills
 * the disk, or when its pictures have all the room that they may have; then nothing is stored. `payload` is the JSON text of `checked`.
 */
export async function storeInlinePictures(
  payload: string,
  checked: Payload,
  context: InlineContext & { readonly owner: Owner },
): Promise<StoredPayload> {
  const { requestId, organizationId, limits } = context.owner;
  const places = findInline(checked);
  const signatures = findSignatures(checked);
  const kept = cutOff(payload, [...places, ...signatures]);
  const bytes = Buffer.byteLength(kept);
  if (bytes > maxTextBytes) throw createTextProblem('The payload', bytes);
  // A request without pictures will have one in the end.
  await context.assertStorageRoom(context.owner, limits, Math.max(1, toBytes(places, signatures)));
  if (places.length + signatures.length === 0)
    return { payload: kept, inline: [], checked, release: async () => undefined };
  assertShare(context.headroom, organizationId, toBytes(places, signatures));
  const folder = new SpoolFolder(await mkdtemp(path.join(context.spoolFolder, 'submit-')), context);
  try {
    const pictures = await spoolAll(places, { store: context.store, organizationId, folder });
    const fresh = pictures.filter(({ isKnown }) => !isKnown);
    const keys = fresh.map(({ name }) => toPictureKey(name));
    if (fresh.length > 0) await folder.announce(keys, { requestId });
    for (const { file, mimeType, name } of fresh) await context.media.keepAsIs(file, mimeType, name);
    // A turn of our own has its signatures already.
    const ownTurns = new Set(pictures.flatMap(({ path: at, isKnown }) => (isKnown ? [at[1]] : [])));
    const foreign = signatures.filter(({ turn }) => !ownTurns.has(turn));
    const signed = await storeSignatures(foreign, { media: context.media, folder, requestId });
    const inline = [...pictures.map(toInlinePicture), ...signed];
    const named = [...keys, ...signed.map(({ name }) => name)];
    const release = (isKept: boolean) => (isKept ? folder.removeNaming(named) : folder.clear());
    const bare = signatures.reduce((copy, { path: at }) => replaceAt(copy, at, ''), checked);
    return { payload: kept, inline, checked: replace(bare, inline, toMediaUri), release };
  } catch (error) {
    // It was never submitted, so the store is not asked: when the disk is full, it may have no room to answer.
    await folder.removeNaming([]);
    throw error;
  }
}

interface Owner {
  readonly requestId: string;
  readonly organizationId: string;
  readonly apiKeyId: string;
  readonly limits: OwnLimits;
}

interface Place {
  readonly path: Path;
  /** Is it in a turn of the model? */
  readonly isModels: boolean;
  /** A data URI, however the string was written. */
  readonly uri: string;
  /** What comes before the base64 in its string. */
  readonly kept: string;
}

type Picture = SpooledPicture & Pick<InlinePicture, 'path' | 'name' | 'isKnown'>;

interface Spooling extends Pick<InlineContext, 'store'> {
  readonly organizationId: string;
  readonly folder: SpoolFolder;
}

async function spoolAll(places: readonly Place[], { store, organizationId, folder }: Spooling) {
  const pictures: Picture[] = [];
  for (const place of places) {
    const picture = await spool(place, folder.path);
    const { path: file } = picture.file;
    const known = place.isModels ? await store.findPictureByHash(organizationId, await hashFile(file)) : undefined;
    const name = known ?? createPictureName(picture.mimeType);
    pictures.push({ ...picture, path: place.path, name, ...(known !== undefined && { isKnown: true }) });
  }
  return pictures;
}

function toInlinePicture({ path: at, name, file: { bytes }, isKnown }: Picture): InlinePicture {
  return { path: at, name, bytes, ...(isKnown && { isKnown }) };
}

/** About as many bytes as all of them have: the base64 of a picture is a third longer, and a signature is stored as it is. */
function toBytes(places: readonly Place[], signatures: readonly SignaturePlace[]): number {
  const pictures = places.reduce((sum, { uri }) => sum + (uri.length * 3) / 4, 0);
  return signatures.reduce((sum, { text }) => sum + text.length, pictures);
}

async function spool({ path: at, uri }: Place, folder: string): Promise<SpooledPicture> {
  const spooled = await spoolDataUri(uri, { folder });
  if (spooled.kind === 'fetched') return spooled;
  throw createInputProblem([{ path: formatPath('payload', at), message: `cannot be read: ${spooled.reason}` }]);
}

function findInline({ image, mask = '', contents }: Payload): readonly Place[] {
  if (contents) {
    return contents.flatMap(({ role, parts }, turn) =>
      parts
        .flatMap((part, index) => findInPart(part, ['contents', turn, 'parts', index]))
        .map((place) => ({ ...place, isModels: role === 'model' })),
    );
  }
  const masks = toPlaces(['mask'], mask);
  if (typeof image === 'string') return [...toPlaces(['image'], image), ...masks];
  return [...(image ?? []).flatMap((uri, index) => toPlaces(['image', index], uri)), ...masks];
}

function findInPart(part: ContentsPart, at: Path): readonly Place[] {
  const uris = (['fileData', 'file_data'] as const).flatMap((key) =>
    (['fileUri', 'file_uri'] as const).flatMap((name) => toPlaces([...at, key, name], part[key]?.[name] ?? '')),
  );
  const data = (['inlineData', 'inline_data'] as const).flatMap((key) => {
    const base64 = part[key]?.data;
    return base64 ? [toPlace([...at, key, 'data'], base64)] : [];
  });
  return [...uris, ...data];
}

function toPlaces(at: Path, uri: string): readonly Place[] {
  return findInlineData(uri) === undefined ? [] : [toPlace(at, uri)];
}

/** Text that is too short to be recognized as base64 is treated as base64 here. */
function toPlace(at: Path, text: string): Place {
  const start = findInlineData(text) ?? 0;
  const uri = start === 0 ? `data:;base64,${text}` : text;
  return { path: at, isModels: false, uri, kept: text.slice(0, start) };
}

/**
 * The payload's text without the base64 of its pictures. A line break between its tokens becomes a blank, so that the text fits
 * on a line, in an event or in a file of records. JSON has no other line breaks.
 */
function cutOff(payload: string, places: readonly Cut[]): string {
  const pieces = places.length === 0 ? [payload] : cutAt(payload, places);
  return pieces.join('').replace(/[\r\n]/g, ' ');
}

type Cut = Pick<Place, 'path' | 'kept'>;

function cutAt(payload: string, places: readonly Cut[]): readonly string[] {
  const found = findInJson(
    payload,
    places.map((place) => place.path),
  );
  const strings = places.flatMap(({ kept }, index) => {
    const place = found[index];
    return place ? [{ ...place, kept }] : [];
  });
  strings.sort((a, b) => a.start - b.start);
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, kept } of strings) {
    pieces.push(payload.slice(at, start), cutString(payload.slice(start, end), kept));
    at = end;
  }
  return [...pieces, payload.slice(at)];
}

/** Keeps the part of a JSON string that comes before its base64, as it was written. */
function cutString(json: string, kept: string): string {
  const spelled = json.slice(0, json.indexOf(',') + 1);
  const isSpelled = kept !== '' && spelled !== '' && JSON.parse(`${spelled}"`) === kept;
  return isSpelled ? `${spelled}"` : JSON.stringify(kept);
}

/** A copy with a URI at the places of the inline pictures. */
function replace<T>(value: T, inline: readonly InlinePicture[], toUri: (name: string) => string): T {
  return inline.reduce((copy, { path: at, name }) => replaceAt(copy, at, toUri(name)), value);
}

function replaceAt<T>(value: T, [key, ...rest]: Path, text: string): T {
  if (key === undefined) return text as T; // the place holds a text, as `findInline` saw
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as T & Record<string | number, unknown>; // and what leads there is a list or an object
  copy[key as keyof typeof copy] = replaceAt(copy[key], rest, text) as never;
  return copy;
}
