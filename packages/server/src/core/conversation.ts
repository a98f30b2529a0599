import type { ContentsPart, ContentsTurn, Payload } from '@darkroom/protocol';
import type { ToMediaAddress } from './media-url.ts';

/** A conversation without its pictures' bytes: what rows keep and what callers copy. Oldest turn first. */
export type Conversation = readonly ConversationTurn[];

export interface ConversationTurn {
  readonly role: 'user' | 'model';
  readonly parts: readonly ConversationPart[];
}

export type ConversationPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'picture';
      /** An http(s) URL, a `gs://` URI, or `media:NAME` for a picture of our own store. */
      readonly uri: string;
      /** What it was said to be; its bytes may be something else. */
      readonly mimeType?: string;
    };

const mediaScheme = 'media:';

/** The reference to a picture of our own store; callers cannot spell it. */
export function toMediaUri(name: string): string {
  return `${mediaScheme}${name}`;
}

/** The name of the stored picture that a reference means: a `media:` URI, or any URL that ends as ours do. */
export function parseMediaName(uri: string): string | undefined {
  if (uri.startsWith(mediaScheme)) return uri.slice(mediaScheme.length);
  return ownUrls.map((pattern) => pattern.exec(uri)?.[1]).find((name) => name !== undefined);
}

/**
 * As this service spells them, and as a bucket does, whose URLs may be signed. The name alone identifies a picture: 192 bits
 * of chance stand in no URL but ours, and a moved server or bucket keeps its pictures.
 */
const ownUrls = [
  /^https?:\/\/[^/?#]+\/media\/((?:upload-)?[\w-]{32}\.(?:png|jpg|webp|heic|heif))$/,
  /^(?:https?|gs):\/\/[^?#]+\/(?:pictures|uploads)\/[\w-]{2}\/((?:upload-)?[\w-]{32}\.(?:png|jpg|webp|heic|heif))(?:\?[^#]*)?$/,
];

/** The conversation that a checked payload asks to continue: its own turns, or its prompt and references as the first. */
export function toConversation(payload: Payload): Conversation {
  if (payload.contents) return payload.contents.map(({ role, parts }) => ({ role, parts: parts.flatMap(toParts) }));
  const text: ConversationPart = { kind: 'text', text: payload.prompt ?? '' };
  const pictures = [payload.image ?? []].flat().map((uri): ConversationPart => ({ kind: 'picture', uri }));
  return [{ role: 'user', parts: [text, ...pictures] }];
}

/** What a client copies into `payload.contents` of its next request: the conversation and a user turn to fill in. */
export function toNextTurnContents(conversation: Conversation, toAddress: ToMediaAddress): ContentsTurn[] {
  const turns = conversation.map(({ role, parts }) => ({
    role,
    parts: parts.map((part) => toContentsPart(part, toAddress)),
  }));
  return [...turns, { role: 'user', parts: [{ text: '' }, { fileData: { mimeType: 'image/png', fileUri: '' } }] }];
}

/** In Google's cloud `fileUri` is the `gs://` URI, and the picture's `url` stands beside it for whoever cannot read those. */
function toContentsPart(part: ConversationPart, toAddress: ToMediaAddress): ContentsPart {
  if (part.kind === 'text') return { text: part.text };
  const type = part.mimeType !== undefined && { mimeType: part.mimeType };
  if (!part.uri.startsWith(mediaScheme)) return { fileData: { ...type, fileUri: part.uri } };
  const { url, gsUri } = toAddress(part.uri.slice(mediaScheme.length));
  return { fileData: { ...type, fileUri: gsUri ?? url, ...(gsUri !== undefined && { url }) } };
}

/** A part of the wire may hold a text and a picture at once; what nobody filled in is left out. */
function toParts(part: ContentsPart): ConversationPart[] {
  const file = part.fileData ?? part.file_data;
  const inline = part.inlineData ?? part.inline_data;
  const uri = file?.fileUri ?? file?.file_uri ?? inline?.data;
  const mimeType = file?.mimeType ?? file?.mime_type ?? inline?.mimeType ?? inline?.mime_type;
  return [
    ...(part.text ? [{ kind: 'text', text: part.text } as const] : []),
    ...(uri ? [{ kind: 'picture', uri, ...(mimeType !== undefined && { mimeType }) } as const] : []),
  ];
}
