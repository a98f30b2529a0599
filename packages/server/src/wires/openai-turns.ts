import { type ContentsPart, describeReferenceProblem, isReference } from '@darkroom/protocol';
import { createInputProblem } from '../core/parse-input.ts';

/** One side of a conversation, as the chats of OpenAI have it. */
export interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: readonly TurnPart[];
}

export type TurnPart = { readonly text: string } | { readonly uri: string };

/** The keys of the payload that express the turns. */
export type TurnPayload =
  | { readonly prompt: string; readonly image?: readonly string[] }
  | { readonly contents: readonly { readonly role: Turn['role']; readonly parts: readonly ContentsPart[] }[] };

/**
 * The payload of a chat, which must end with the user. A single message becomes a prompt with its references; everything else is a
 * conversation. `path` is the field that a refusal names.
 */
export function toTurnPayload(turns: readonly Turn[], path: string): TurnPayload {
  const merged = mergeTurns(turns);
  const last = merged.at(-1);
  if (last?.role !== 'user' || !last.parts.some((part) => 'text' in part && part.text.trim() !== '')) {
    const message = 'must end with a user message whose text says what to make or to change';
    throw createInputProblem([{ path, message }]);
  }
  if (merged.length === 1 && !isInterleaved(last)) return toSingle(last);
  return { contents: merged.map(({ role, parts }) => ({ role, parts: parts.map(toContentsPart) })) };
}

/** The message of the user as a prompt with references. */
export function toSingle({ parts }: Turn): { readonly prompt: string; readonly image?: readonly string[] } {
  const texts = parts.flatMap((part) => ('text' in part ? [part.text] : []));
  const image = parts.flatMap((part) => ('uri' in part ? [part.uri] : []));
  return { prompt: texts.join('\n\n'), ...(image.length > 0 && { image }) };
}

export function hasPictures(turns: readonly Turn[]): boolean {
  return turns.some(({ parts }) => parts.some((part) => 'uri' in part));
}

/** The picture of a message. Throws the `Problem` of a text that refers to none. */
export function toPicturePart(uri: unknown, path: string): TurnPart {
  if (typeof uri === 'string' && isReference(uri)) return { uri };
  throw createInputProblem([{ path, message: describeReferenceProblem(uri, 1) }]);
}

/** Turns of the same side follow each other when clients split a message; turns without parts are left out. */
function mergeTurns(turns: readonly Turn[]): readonly Turn[] {
  const merged: Turn[] = [];
  for (const turn of turns) {
    const parts = turn.parts.filter((part) => 'uri' in part || part.text !== '');
    if (parts.length === 0) continue;
    const before = merged.at(-1);
    if (before?.role === turn.role) merged[merged.length - 1] = { role: turn.role, parts: [...before.parts, ...parts] };
    else merged.push({ role: turn.role, parts });
  }
  return merged;
}

/** Is there a picture between two texts? Its place then has a meaning. */
function isInterleaved({ parts }: Turn): boolean {
  const first = parts.findIndex((part) => 'text' in part);
  const last = parts.findLastIndex((part) => 'text' in part);
  return parts.slice(first, last).some((part) => 'uri' in part);
}

function toContentsPart(part: TurnPart): ContentsPart {
  if ('text' in part) return { text: part.text };
  const [head, mimeType = ''] = /^\s*data:([^;,]*)[^,]*,/i.exec(part.uri) ?? [];
  if (head === undefined) return { fileData: { fileUri: part.uri } };
  return { inlineData: { ...(mimeType !== '' && { mimeType }), data: part.uri.slice(head.length) } };
}
