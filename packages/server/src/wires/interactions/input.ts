import { z } from 'zod';
import { createInputProblem, formatPath } from '../../core/parse-input.ts';

/** One side of an exchange, in the words of the payload. */
export interface InputTurn {
  readonly role: 'user' | 'model';
  readonly parts: readonly InputPart[];
}

export type InputPart = { readonly text: string } | InputPicture;

/** Inline, or somewhere else. */
export type InputPicture =
  | { readonly inlineData: { readonly mimeType?: string; readonly data: string } }
  | { readonly fileData: { readonly mimeType?: string; readonly fileUri: string } };

/**
 * The turns of `input`, which is a text, a content, a list of contents, or a list of the steps of a conversation. Neighbours of
 * the same side are one turn. Throws the `Problem` that names what cannot be used.
 */
export function toTurns(input: unknown): readonly InputTurn[] {
  if (input === undefined) throw createInputProblem([{ path: 'input', message: 'is missing: say what to make' }]);
  const items = parseItems(typeof input === 'string' ? [{ type: 'text', text: input }] : [input].flat());
  const turns: InputTurn[] = [];
  for (const { role, parts } of items.map(toTurn)) {
    const last = turns.at(-1);
    if (parts.length === 0) continue;
    if (last?.role === role) turns[turns.length - 1] = { role, parts: [...last.parts, ...parts] };
    else turns.push({ role, parts });
  }
  return turns;
}

export function isText(part: InputPart): part is { readonly text: string } {
  return 'text' in part;
}

const textSchema = z.object({ type: z.literal('text'), text: z.string({ error: 'must be a string' }) });

const imageSchema = z
  .object({
    type: z.literal('image'),
    data: z.string({ error: 'must be the base64 of a picture' }).optional(),
    uri: z.string({ error: 'must be the URL of a picture' }).optional(),
    mime_type: z.string({ error: 'must be a type such as image/png' }).optional(),
    resolution: z
      .never({ error: 'is not supported: the model chooses the resolution of references, so leave it out' })
      .optional(),
  })
  .refine(({ data, uri }) => (data === undefined) !== (uri === undefined), {
    error: 'must have either data (base64) or uri',
  });

/** A type that is not listed is refused by its name. */
const refuseType: z.core.$ZodErrorMap = ({ input }) => {
  const kinds = 'text or image, or the steps user_input and model_output';
  if (typeof input !== 'object' || input === null) return 'must be a content, such as {"type": "text", "text": …}';
  if (!('type' in input)) return `is missing: give ${kinds}`;
  return `is ${JSON.stringify(input.type)}, which an image model cannot use: give ${kinds}`;
};

const contentSchema = z.discriminatedUnion('type', [textSchema, imageSchema], { error: refuseType });
const contentList = z.array(contentSchema, { error: 'must be a list of contents' }).optional();

/** Steps that a client sends back as it got them, and that no picture follows from. */
const ignoredSteps = ['thought', 'google_search_call', 'google_search_result'] as const;

const itemSchema = z.discriminatedUnion(
  'type',
  [
    textSchema,
    imageSchema,
    z.object({ type: z.literal('user_input'), content: contentList }),
    z.object({ type: z.literal('model_output'), content: contentList }),
    z.object({ type: z.literal(ignoredSteps) }),
  ],
  { error: refuseType },
);

type Item = z.output<typeof itemSchema>;
type Content = z.output<typeof contentSchema>;

function parseItems(given: readonly unknown[]): readonly Item[] {
  const parsed = z.array(itemSchema).safeParse(given.map(withoutNulls));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues;
  throw createInputProblem(issues.map(({ path, message }) => ({ path: formatPath('input', path), message })));
}

/** Keys that were not filled in do not count. */
function withoutNulls(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const filled = Object.entries(item).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(
    filled.map(([key, value]) => [key, key === 'content' ? [value].flat().map(withoutNulls) : value]),
  );
}

function toTurn(item: Item): InputTurn {
  switch (item.type) {
    case 'text':
    case 'image':
      return { role: 'user', parts: [toPart(item)] };
    case 'user_input':
      return { role: 'user', parts: (item.content ?? []).map(toPart) };
    case 'model_output':
      return { role: 'model', parts: (item.content ?? []).map(toPart) };
    default:
      return { role: 'model', parts: [] };
  }
}

function toPart(content: Content): InputPart {
  if (content.type === 'text') return { text: content.text };
  const { data, uri = '', mime_type: mimeType } = content;
  const type = mimeType === undefined ? {} : { mimeType };
  return data === undefined ? { fileData: { ...type, fileUri: uri } } : { inlineData: { ...type, data } };
}
