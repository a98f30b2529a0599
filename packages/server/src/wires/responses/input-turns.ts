import { createInputProblem } from '../../core/parse-input.ts';
import { type Turn, type TurnPart, toPicturePart } from '../openai-turns.ts';
import { parsePictureId } from './ids.ts';
import type { InputItem } from './response-schema.ts';

/** Finds the address of a picture of the caller's that an earlier response has made. */
export type FindPicture = (place: {
  readonly requestId: string;
  readonly index: number;
}) => Promise<string | undefined>;

/** Each is looked up. The longest conversations have fewer. */
const maxMadePictures = 500;

/** The items of an input as turns; instructions are not part of the conversation. */
export async function toTurns(items: readonly InputItem[], find: FindPicture): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  if (items.filter(isMadePicture).length > maxMadePictures)
    throw createInputProblem([
      { path: 'input', message: `has more than ${maxMadePictures} pictures of earlier answers` },
    ]);
  for (const [index, item] of items.entries()) {
    const path = `input[${index}]`;
    switch (item.type ?? 'message') {
      case 'message':
        if (isInstruction(item)) break;
        turns.push({ role: item.role === 'assistant' ? 'model' : 'user', parts: toParts(item, path) });
        break;
      case 'image_generation_call':
      case 'item_reference':
        turns.push({ role: 'model', parts: [await toMadePicture(item, { path, find })] });
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        // What a tool said is something that the model was told.
        turns.push({ role: 'user', parts: [{ text: typeof item.output === 'string' ? item.output : '' }] });
        break;
      case 'reasoning':
      case 'function_call':
      case 'custom_tool_call':
        break;
      default:
        throw createInputProblem([{ path: `${path}.type`, message: `is ${item.type}, which does not make a picture` }]);
    }
  }
  return turns;
}

/** What the instructions and the messages of the system and the developer say; `undefined` without any. */
export function toInstruction(
  items: readonly InputItem[],
  instructions: string | null | undefined,
): string | undefined {
  const texts = items.flatMap((item, index) =>
    isInstruction(item) ? toParts(item, `input[${index}]`).map((part) => ('text' in part ? part.text : '')) : [],
  );
  const all = [instructions ?? '', ...texts].filter((text) => text !== '');
  return all.length === 0 ? undefined : all.join('\n\n');
}

function isMadePicture({ type }: InputItem): boolean {
  return type === 'image_generation_call' || type === 'item_reference';
}

function isInstruction({ role }: InputItem): boolean {
  return role === 'system' || role === 'developer';
}

function toParts({ content }: InputItem, path: string): readonly TurnPart[] {
  if (typeof content === 'string') return [{ text: content }];
  return (content ?? []).map((part, index) => {
    const at = `${path}.content[${index}]`;
    switch (part.type) {
      case 'input_text':
      case 'output_text':
      case 'text':
        return { text: part.text ?? '' };
      case 'input_image':
        if (part.file_id != null) throw refuseFile(`${at}.file_id`);
        return toPicturePart(part.image_url, `${at}.image_url`);
      case 'refusal':
        return { text: '' };
      default:
        throw createInputProblem([{ path: `${at}.type`, message: `is ${part.type}: give input_text or input_image` }]);
    }
  });
}

export function refuseFile(path: string) {
  return createInputProblem([
    { path, message: 'is not supported: give the picture as image_url, a URL or a data: URI' },
  ]);
}

/** The picture of an earlier answer: by its id, or by its bytes where the id is another service's. */
async function toMadePicture(
  { id, result }: InputItem,
  { path, find }: { readonly path: string; readonly find: FindPicture },
): Promise<TurnPart> {
  const place = parsePictureId(id ?? '');
  const uri = place && (await find(place));
  if (uri !== undefined) return { uri };
  if (result) return toPicturePart(`data:;base64,${result}`, `${path}.result`);
  throw createInputProblem([{ path: `${path}.id`, message: 'is not the id of one of your pictures' }]);
}
