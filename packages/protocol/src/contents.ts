import { z } from 'zod';
import { groupDigits } from './group-digits.ts';
import { describeReferenceProblem, isReference, maxReferences } from './references.ts';

/** The limits of one turn of the user. Turns of the model have none: the service accepts whatever it returned. */
const maxTextCharacters = 32_000;
const maxPartsInTurn = 64;

/** The most turns that a conversation may have. `next_turn_contents` never has more. */
export const maxTurns = 200;

const text = z.string({ error: 'must be a string' });
const mimeType = z.string({ error: 'must be a type such as image/png' }).max(100, { error: 'is not a type' });

// An empty URI is a field that was not filled in; it is left out.
const fileUri = z
  .string({ error: 'must be the URL of a picture' })
  .refine((uri) => uri === '' || isReference(uri), { error: (issue) => describeReferenceProblem(issue.input) });

const data = z
  .string({ error: 'must be the base64 of a picture' })
  .refine((base64) => base64 === '' || isReference(toDataUri(base64)), {
    error: (issue) => describeReferenceProblem(toDataUri(String(issue.input))),
  });

/** The file of a part. Clients write camelCase or snake_case; both mean the same. */
const fileDataSchema = z.looseObject(
  {
    mimeType: mimeType.optional(),
    mime_type: mimeType.optional(),
    fileUri: fileUri.optional(),
    file_uri: fileUri.optional(),
  },
  { error: 'must be an object {"mimeType", "fileUri"}' },
);

const inlineDataSchema = z.looseObject(
  { mimeType: mimeType.optional(), mime_type: mimeType.optional(), data: data.optional() },
  { error: 'must be an object {"mimeType", "data"}' },
);

const partObjectSchema = z.looseObject(
  {
    text: text.optional(),
    fileData: fileDataSchema.optional(),
    file_data: fileDataSchema.optional(),
    inlineData: inlineDataSchema.optional(),
    inline_data: inlineDataSchema.optional(),
  },
  { error: 'must be an object with "text", "fileData" or "inlineData"' },
);

const partSchema = partObjectSchema.refine((part) => findForeignKind(part) === undefined, {
  error: ({ input }): string => {
    const kind = findForeignKind(input as ContentsPart); // it was parsed as a part
    return `is of the kind "${kind}", which an image model cannot use: give "text", "fileData" or "inlineData", or leave the part out`;
  },
});

export const turnSchema = z
  .looseObject(
    {
      role: z.enum(['user', 'model'], { error: 'must be "user" or "model"' }),
      parts: z.array(partSchema, { error: 'must be a list of parts' }),
    },
    { error: 'must be an object {"role", "parts"}' },
  )
  .superRefine(({ role, parts }, context) => {
    if (role === 'user') checkUserParts(parts, context);
  })
  .meta({ id: 'Turn', description: 'One side of an exchange: what the user asked, or what the model answered.' });

/** A conversation, oldest turn first: `outcome.next_turn_contents` of an earlier request, with its last turn filled in. */
export const contentsSchema = z
  .array(turnSchema, { error: 'must be a list of turns, each {"role", "parts"}' })
  .max(maxTurns, { error: `has more than ${maxTurns} turns: leave the oldest out` })
  .refine((turns) => asksSomething(turns.findLast(isFilledIn)), {
    error: 'must end with a turn of role "user" whose text says what to make or to change',
  })
  .meta({
    title: 'Conversation',
    description:
      'A conversation to continue; with it, `prompt` and `image` are ignored. Empty texts, file URIs and turns are left out.',
  });

export type ContentsTurn = z.infer<typeof turnSchema>;
export type ContentsPart = z.infer<typeof partObjectSchema>;

/** A picture of a part: a reference or base64. */
export interface ContentsPicture {
  readonly uri: string;
  readonly mimeType: string | undefined;
}

/** The pictures that a part holds, each once. The model's thoughts and their pictures are not part of the conversation. */
export function toPartPictures(part: ContentsPart): readonly ContentsPicture[] {
  if (part['thought'] === true) return [];
  const files = [part.fileData, part.file_data].flatMap((file) =>
    [file?.fileUri, file?.file_uri].map((uri) => ({ uri, mimeType: file?.mimeType ?? file?.mime_type })),
  );
  const inline = [part.inlineData, part.inline_data].map((given) => ({
    uri: given?.data,
    mimeType: given?.mimeType ?? given?.mime_type,
  }));
  const given = [...files, ...inline].flatMap(({ uri, mimeType }) => (uri ? [{ uri, mimeType }] : []));
  return given.filter(({ uri }, index) => given.findIndex((other) => other.uri === uri) === index);
}

/** The text of a part; empty when it has none or is a thought of the model. */
export function toPartText(part: ContentsPart): string {
  return part['thought'] === true ? '' : (part.text ?? '');
}

/** The keys of the signature that came with a part of the model, base64 of up to 2 MB. */
export const signatureNames = ['thoughtSignature', 'thought_signature'] as const;

/** The signature of a part; `undefined` when it has none or is a thought of the model. */
export function toPartSignature(part: ContentsPart): string | undefined {
  const given = part['thought'] === true ? [] : signatureNames.map((name) => part[name]);
  return given.find((value): value is string => typeof value === 'string' && value !== '');
}

function isFilledIn({ parts }: ContentsTurn): boolean {
  return parts.some((part) => toPartText(part) !== '' || toPartPictures(part).length > 0);
}

function asksSomething(turn: ContentsTurn | undefined): boolean {
  return turn?.role === 'user' && turn.parts.some((part) => toPartText(part).trim() !== '');
}

function checkUserParts(parts: readonly ContentsPart[], context: z.RefinementCtx): void {
  const refuse = (message: string, ...path: (string | number)[]) =>
    context.addIssue({ code: 'custom', path: ['parts', ...path], message });
  if (parts.length > maxPartsInTurn) refuse(`has more than ${maxPartsInTurn} parts`);
  const pictures = parts.flatMap(toPartPictures).length;
  if (pictures > maxReferences) refuse(`has ${pictures} pictures: at most ${maxReferences} are allowed`);
  for (const [index, part] of parts.entries()) {
    if (toPartText(part).length <= maxTextCharacters) continue;
    refuse(`is longer than ${groupDigits(maxTextCharacters)} characters`, index, 'text');
  }
}

/**
 * The kind of a part that has neither text nor picture, e.g. `functionCall`. `undefined` for parts that were not filled in;
 * keys that only describe a part do not count.
 */
function findForeignKind(part: ContentsPart): string | undefined {
  if (part['thought'] === true || toPartText(part) !== '' || toPartPictures(part).length > 0) return undefined;
  return Object.keys(part).find((key) => !describing.has(key) && typeof part[key] === 'object' && part[key] !== null);
}

/** The keys that a part with a text or a picture can have, in both spellings. */
const describing: ReadonlySet<string> = new Set([
  'text',
  'fileData',
  'file_data',
  'inlineData',
  'inline_data',
  'videoMetadata',
  'video_metadata',
  'mediaResolution',
  'media_resolution',
  'partMetadata',
  'part_metadata',
]);

/** Some clients send a whole data: URI here. */
function toDataUri(base64: string): string {
  return /^\s*data:/i.test(base64) ? base64 : `data:image/png;base64,${base64}`;
}
