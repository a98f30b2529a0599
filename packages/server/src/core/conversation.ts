import {
  type ContentsPart,
  type ContentsTurn,
  fromCopiedReference,
  maxTurns,
  type Payload,
  toCopiedReference,
  toPartPictures,
  toPartSignature,
  toPartText,
} from '@darkroom/protocol';
import type { ToMediaAddress } from './media-url.ts';

/** A conversation without its pictures' bytes: what rows keep and what callers copy. Oldest turn first. */
export type Conversation = readonly ConversationTurn[];

export interface ConversationTurn {
  readonly role: 'user' | 'model';
  readonly parts: readonly ConversationPart[];
}

export type ConversationPart =
  | { readonly kind: 'text'; readonly text: string; readonly signatureKey?: string }
  | {
      readonly kind: 'picture';
      /** An http(s) URL, a `gs://` URI, or `media:NAME` for a picture of our own store. */
      readonly uri: string;
      /** The type that the caller stated; the bytes may be something else. */
      readonly mimeType?: string;
      /** The key of the signature that a caller sent with a part of the model; answers of our own have theirs (`KeptPart`). */
      readonly signatureKey?: string;
    };

const mediaScheme = 'media:';

/** The reference to a picture of our own store; callers cannot spell it. */
export function toMediaUri(name: string): string {
  return `${mediaScheme}${name}`;
}

/**
 * The name of the stored picture that a reference means: a `media:` URI, or any URL whose path ends as ours do. The name is
 * enough to identify a picture: no URL but ours contains the same 192 random bits, and a moved server or bucket keeps its
 * pictures.
 */
export function parseMediaName(uri: string): string | undefined {
  if (uri.startsWith(mediaScheme)) return uri.slice(mediaScheme.length);
  if (uri.startsWith('gs://')) return inBucket.exec(uri)?.[1];
  // Tolerates what surrounds the path: white space, capitals, a query (of signed URLs, too), a fragment.
  const url = URL.parse(uri);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return (onServer.exec(url.pathname) ?? inBucket.exec(url.pathname))?.[1];
}

const name = String.raw`((?:upload-)?[\w-]{32}\.(?:png|jpg|webp|heic|heif|gif|bmp|tiff|avif))`;

/** As this service spells them, and as a bucket does. */
const onServer = new RegExp(`/media/${name}$`);
const inBucket = new RegExp(String.raw`^[^?#]*/(?:pictures|uploads)/[\w-]{2}/${name}$`);

/** The names of the stored pictures that the conversation refers to, or that are among the others. */
export function findMediaNames(conversation: Conversation, others: readonly string[] = []): ReadonlySet<string> {
  const uris = conversation.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'picture' ? [part.uri] : [])),
  );
  return new Set([...uris, ...others].flatMap((uri) => parseMediaName(uri) ?? []));
}

/**
 * The conversation that a checked payload asks to continue: its own turns, or its prompt and references as the first turn. Empty
 * parts and empty turns are left out: the upstream refuses a turn without parts.
 */
export function toConversation(payload: Payload): Conversation {
  if (payload.contents) {
    const turns = payload.contents.map(({ role, parts }) => ({
      role,
      parts: parts.flatMap((part) => toParts(part, role)),
    }));
    return turns.filter(({ parts }) => parts.length > 0);
  }
  const text: ConversationPart = { kind: 'text', text: payload.prompt ?? '' };
  const pictures = [payload.image ?? []].flat().map((uri) => toPicture(uri, undefined));
  return [{ role: 'user', parts: [text, ...pictures] }];
}

/**
 * A body with a conversation of this size is accepted, however its texts are encoded: `text-limit.ts` and
 * `http/body/json-scan.ts` have its bounds.
 */
const maxParts = 3_000;
const maxCharacters = 500_000;

/**
 * The newest turns of a conversation, beginning with a turn of the user: at most `most`, and no more than a body can send again.
 * The last exchange always stays.
 */
export function toNewestTurns(conversation: Conversation, most: number): Conversation {
  let room = { turns: most, parts: maxParts, characters: maxCharacters };
  let start = conversation.length;
  for (const turn of conversation.toReversed()) {
    const { turns, parts, characters } = room;
    room = { turns: turns - 1, parts: parts - turn.parts.length, characters: characters - countCharacters(turn) };
    if (Math.min(room.turns, room.parts, room.characters) < 0 && start <= conversation.length - 2) break;
    start -= 1;
  }
  if (start === 0) return conversation;
  const newest = conversation.slice(start);
  const first = newest.findIndex(({ role }) => role === 'user');
  return newest.slice(Math.max(first, 0));
}

function countCharacters({ parts }: ConversationTurn): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.text : part.uri).length, 0);
}

/** How `next_turn_contents` writes the pictures of a conversation. */
export interface PictureSpelling {
  readonly toAddress: ToMediaAddress;
  /** Is a picture of this name a result of the request? All others are written so that no client mistakes them for one. */
  readonly isResult: (name: string) => boolean;
}

/**
 * What a client copies into `payload.contents` of its next request: the conversation and a user turn to fill in, together no more
 * than the service accepts again.
 */
export function toNextTurnContents(conversation: Conversation, spelling: PictureSpelling): ContentsTurn[] {
  const turns = toNewestTurns(conversation, maxTurns - 1).map(({ role, parts }) => ({
    role,
    parts: parts.map((part) => toContentsPart(part, spelling)),
  }));
  return [...turns, { role: 'user', parts: [{ text: '' }, { fileData: { mimeType: 'image/png', fileUri: '' } }] }];
}

function toContentsPart(part: ConversationPart, spelling: PictureSpelling): ContentsPart {
  if (part.kind === 'text') return { text: part.text };
  const type = part.mimeType !== undefined && { mimeType: part.mimeType };
  return { fileData: { ...type, ...toFile(part.uri, spelling) } };
}

/**
 * In a bucket with `gs://` URIs, `fileUri` is that URI, and a result also has its `url` for clients that cannot read such URIs.
 */
function toFile(
  uri: string,
  { toAddress, isResult }: PictureSpelling,
): { readonly fileUri: string; readonly url?: string } {
  if (!uri.startsWith(mediaScheme)) return { fileUri: /^https?:/i.test(uri) ? toCopiedReference(uri) : uri };
  const name = uri.slice(mediaScheme.length);
  const { url, gsUri } = toAddress(name);
  if (isResult(name)) return gsUri === undefined ? { fileUri: url } : { fileUri: gsUri, url };
  return { fileUri: gsUri ?? toCopiedReference(url) };
}

/** A part of the wire may hold a text and pictures at the same time. */
function toParts(part: ContentsPart, role: ContentsTurn['role']): ConversationPart[] {
  const text = toPartText(part);
  const pictures = toPartPictures(part).map(({ uri, mimeType }) => toPicture(uri, mimeType));
  const [first, ...rest]: ConversationPart[] = text === '' ? pictures : [{ kind: 'text', text }, ...pictures];
  if (!first) return [];
  const signature = role === 'model' ? toPartSignature(part) : undefined;
  // Whatever callers write here has been stored, and replaced by its key.
  if (!signature?.startsWith(mediaScheme)) return [first, ...rest];
  return [{ ...first, signatureKey: signature.slice(mediaScheme.length) }, ...rest];
}

function toPicture(uri: string, mimeType: string | undefined): ConversationPart {
  return { kind: 'picture', uri: fromCopiedReference(uri), ...(mimeType !== undefined && { mimeType }) };
}
