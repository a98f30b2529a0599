import { z } from 'zod';
import { flag, text } from './values.ts';

const partSchema = z.looseObject({
  text: text.optional(),
  inlineData: z
    .looseObject({
      mimeType: text.optional(),
      data: text.optional(),
    })
    .optional(),
  fileData: z
    .looseObject({
      mimeType: text.optional(),
      fileUri: text.optional(),
    })
    .optional(),
  thought: flag.optional(),
  thoughtSignature: text.optional(),
});

const contentSchema = z.looseObject({
  role: text.optional().meta({ description: '`user` (the default) or `model`.' }),
  parts: z.array(partSchema),
});

/** A conversation, oldest content first: a list, one content, or a text. */
export const contentsSchema = z
  .preprocess(toContents, z.array(contentSchema, { error: 'must be a list of contents, each {"role", "parts"}' }))
  .meta({
    id: 'GeminiContents',
    description: 'The conversation, oldest content first. The last one says what to make.',
  });

export type Content = z.output<typeof contentSchema>;
export type Part = z.output<typeof partSchema>;

/** The instruction of the system; only its texts count. */
export const instructionSchema = z.preprocess(
  (given) => toContents(given),
  z
    .array(contentSchema)
    .refine((contents) => contents.flatMap(({ parts }) => parts).every(({ text }) => text !== undefined), {
      error: 'may hold only texts',
    })
    .transform((contents) => contents.flatMap(({ parts }) => parts.map(({ text }) => text)).join('\n')),
);

/** Clients leave out what they can: the list, the content around parts, the part around a text. */
function toContents(given: unknown): unknown {
  const list = Array.isArray(given) ? given : [given];
  if (list.length === 0 || !list.every((item) => typeof item === 'string' || isObject(item))) return given;
  // Texts and parts that follow one another are one content.
  const contents: unknown[] = [];
  let loose: unknown[] = [];
  const close = () => {
    if (loose.length > 0) contents.push({ parts: loose });
    loose = [];
  };
  for (const item of list) {
    if (typeof item === 'string') loose.push({ text: item });
    else if (!('parts' in item)) loose.push(item);
    else {
      close();
      contents.push({ ...item, parts: toParts(item['parts']) });
    }
  }
  close();
  return contents;
}

function toParts(given: unknown): unknown {
  const parts = Array.isArray(given) ? given : [given];
  return parts.map((part: unknown) => (typeof part === 'string' ? { text: part } : part));
}

function isObject(given: unknown): given is Record<string, unknown> {
  return typeof given === 'object' && given !== null;
}

/** Stand-ins that clients put where a signature is missing. Google documents them; the upstream's provider has its own. */
const standIns: ReadonlySet<string> = new Set([
  '',
  'skip_thought_signature_validator',
  'context_engineering_is_the_way_to_go',
]);

/** The turns of a payload. Indexes stay as they were, so that a refusal names the place that the client knows. */
export function toPayloadContents(contents: readonly Content[], toUri: (uri: string) => string): readonly object[] {
  return contents.map(({ role = 'user', parts }) => ({
    role,
    parts: parts.map((part) => toPayloadPart(part, { isModel: role === 'model', toUri })),
  }));
}

function toPayloadPart(
  { thoughtSignature, fileData, ...part }: Part,
  { isModel, toUri }: { readonly isModel: boolean; readonly toUri: (uri: string) => string },
): object {
  const isSigned = isModel && thoughtSignature !== undefined && !standIns.has(thoughtSignature);
  return {
    ...part,
    ...(fileData && { fileData: { ...fileData, ...(fileData.fileUri && { fileUri: toUri(fileData.fileUri) }) } }),
    ...(isSigned && { thoughtSignature }),
  };
}

/** Does the conversation contain a picture? */
export function hasPicture(contents: readonly Content[]): boolean {
  return contents.some(({ parts }) => parts.some((part) => !part.thought && (part.inlineData ?? part.fileData)));
}
