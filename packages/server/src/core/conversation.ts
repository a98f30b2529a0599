import type { ContentsPart, ContentsTurn, Payload } from '@darkroom/protocol';
import { toMediaUrl } from './media-url.ts';

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
  // The name alone identifies it: 192 bits of chance stand in no URL but ours, and a moved server keeps its pictures.
  return /^https?:\/\/[^/?#]+\/media\/([\w-]{32}\.(?:png|jpg|webp|heic|heif))$/.exec(uri)?.[1];
}

/** The conversation that a checked payload asks to continue: its own turns, or its prompt and references as the first. */
export function toConversation(payload: Payload): Conversation {
  if (payload.contents) return payload.contents.map(({ role, parts }) => ({ role, parts: parts.flatMap(toParts) }));
  const text: ConversationPart = { kind: 'text', text: payload.prompt ?? '' };
  const pictures = [payload.image ?? []].flat().map((uri): ConversationPart => ({ kind: 'picture', uri }));
  return [{ role: 'user', parts: [text, ...pictures] }];
}

/** What a client copies into `payload.contents` of its next request: the conversation and a user turn to fill in. */
export function toNextTurnContents(conversation: Conversation, publicUrl: string): ContentsTurn[] {
  const turns = conversation.map(({ role, parts }) => ({
    role,
    parts: parts.map((part) => toContentsPart(part, publicUrl)),
  }));
  return [...turns, { role: 'user', parts: [{ text: '' }, { fileData: { mimeType: 'image/png', fileUri: '' } }] }];
}

function toContentsPart(part: ConversationPart, publicUrl: string): ContentsPart {
  if (part.kind === 'text') return { text: part.text };
  const name = parseMediaName(part.uri);
  const fileUri = name !== undefined && part.uri.startsWith(mediaScheme) ? toMediaUrl(publicUrl, name) : part.uri;
  return { fileData: { ...(part.mimeType !== undefined && { mimeType: part.mimeType }), fileUri } };
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
