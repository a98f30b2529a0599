import { parseMediaName } from '../../core/conversation.ts';
import { createInputProblem } from '../../core/parse-input.ts';
import { type Turn, type TurnPart, toPicturePart } from '../openai-turns.ts';
import type { ChatMessage } from './chat-schema.ts';

/** The messages of a chat as turns; instructions are not part of the conversation. */
export function toTurns(messages: readonly ChatMessage[]): readonly Turn[] {
  return messages.flatMap((message, index): Turn[] => {
    const path = `messages[${index}]`;
    switch (message.role) {
      case 'system':
      case 'developer':
        return [];
      case 'assistant':
        return [{ role: 'model', parts: toModelParts(message, path) }];
      default:
        // What a tool said is something that the model was told.
        return [{ role: 'user', parts: toParts(message, path) }];
    }
  });
}

/** What the messages of the system and the developer say; `undefined` without any. */
export function toInstruction(messages: readonly ChatMessage[]): string | undefined {
  const texts = messages.flatMap((message, index) => {
    if (message.role !== 'system' && message.role !== 'developer') return [];
    const parts = toParts(message, `messages[${index}]`);
    if (parts.some((part) => 'uri' in part)) {
      throw createInputProblem([{ path: `messages[${index}]`, message: 'has a picture: instructions must be text' }]);
    }
    return parts.flatMap((part) => ('text' in part ? [part.text] : []));
  });
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

function toParts({ content }: ChatMessage, path: string): readonly TurnPart[] {
  if (typeof content === 'string') return [{ text: content }];
  return (content ?? []).map((part, index) => {
    const at = `${path}.content[${index}]`;
    if (part.type === 'text') return { text: part.text ?? '' };
    if (part.type === 'image_url') return toPicturePart(toUrl(part.image_url), `${at}.image_url`);
    if (part.type === 'refusal') return { text: '' };
    throw createInputProblem([{ path: `${at}.type`, message: `is ${part.type}: give text or image_url` }]);
  });
}

/** An answer's pictures are in `images`, or in its text for clients that show Markdown. */
function toModelParts(message: ChatMessage, path: string): readonly TurnPart[] {
  const listed = (message.images ?? []).map(({ image_url }, index) =>
    toPicturePart(toUrl(image_url), `${path}.images[${index}]`),
  );
  const said = toParts(message, path).flatMap((part) => ('text' in part ? splitText(part.text) : [part]));
  const isListed = (part: TurnPart) => 'uri' in part && listed.some((one) => 'uri' in one && one.uri === part.uri);
  return [...said.filter((part) => !isListed(part)), ...listed];
}

/** Clients write `{"url"}`, or the URL itself. */
function toUrl(given: unknown): unknown {
  return typeof given === 'object' && given !== null && 'url' in given ? given.url : given;
}

/** `![words](URL)`, and addresses without it. Words without brackets, so that no text takes more than one reading. */
const pictureInText = /!\[[^[\]]{0,500}\]\(\s*([^()\s]+)(?:\s+"[^"]{0,500}")?\s*\)|(https?:\/\/[^\s<>()"]+)/g;

/** Takes the pictures out of a text: those that are inline, and those of this service. Others are only words to a model. */
function splitText(text: string): readonly TurnPart[] {
  const parts: TurnPart[] = [];
  let at = 0;
  for (const { 0: whole, 1: inMarkdown, 2: bare, index } of text.matchAll(pictureInText)) {
    const uri = inMarkdown ?? bare ?? '';
    if (!isOwnPicture(uri)) continue;
    parts.push({ text: text.slice(at, index).trim() }, { uri });
    at = index + whole.length;
  }
  return [...parts, { text: at === 0 ? text : text.slice(at).trim() }];
}

function isOwnPicture(uri: string): boolean {
  return /^data:image\//i.test(uri) || parseMediaName(uri) !== undefined;
}
