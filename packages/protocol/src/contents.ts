import { z } from 'zod';
import { describeReferenceProblem, isReference, maxReferences } from './references.ts';

const maxTextCharacters = 32_000;
const maxTurns = 200;
const maxPartsInTurn = 64;

const text = z
  .string({ error: 'must be a text' })
  .max(maxTextCharacters, { error: `is longer than ${maxTextCharacters.toLocaleString('en-US')} characters` });
const mimeType = z.string({ error: 'must be a type such as image/png' }).max(100, { error: 'is no type' });

// An empty URI is a field that nobody filled in; it is left out.
const fileUri = z
  .string({ error: 'must be the URL of a picture' })
  .refine((uri) => uri === '' || isReference(uri), { error: (issue) => describeReferenceProblem(issue.input) });

const data = z
  .string({ error: 'must be the base64 of a picture' })
  .refine((base64) => base64 === '' || isReference(toDataUri(base64)), {
    error: (issue) => describeReferenceProblem(toDataUri(String(issue.input))),
  });

/** A file of a part. Clients write camelCase or snake_case; both mean the same. */
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

const partSchema = z.looseObject(
  {
    text: text.optional(),
    fileData: fileDataSchema.optional(),
    file_data: fileDataSchema.optional(),
    inlineData: inlineDataSchema.optional(),
    inline_data: inlineDataSchema.optional(),
  },
  { error: 'must be an object with "text", "fileData" or "inlineData"' },
);

export const turnSchema = z
  .looseObject(
    {
      role: z.enum(['user', 'model'], { error: 'must be "user" or "model"' }),
      parts: z
        .array(partSchema, { error: 'must be a list of parts' })
        .max(maxPartsInTurn, { error: `has more than ${maxPartsInTurn} parts` })
        .refine((parts) => countPictures(parts) <= maxReferences, {
          error: (issue) =>
            `has ${countPictures(issue.input as ContentsPart[])} pictures: at most ${maxReferences} are taken`, // they were parsed as parts
        }),
    },
    { error: 'must be an object {"role", "parts"}' },
  )
  .meta({ id: 'Turn', description: 'One side of an exchange: what the user asked, or what the model answered.' });

/** A conversation, oldest turn first: `outcome.next_turn_contents` of an earlier request with its last turn filled in. */
export const contentsSchema = z
  .array(turnSchema, { error: 'must be a list of turns, each {"role", "parts"}' })
  .max(maxTurns, { error: `has more than ${maxTurns} turns` })
  .refine((turns) => asksSomething(turns.at(-1)), {
    error: 'must end with a turn of role "user" whose text says what to make or to change',
  })
  .meta({
    title: 'Conversation',
    description:
      'A conversation to continue; with it, `prompt` and `image` are ignored. Empty texts and file URIs are left out.',
  });

export type ContentsTurn = z.infer<typeof turnSchema>;
export type ContentsPart = z.infer<typeof partSchema>;

function countPictures(parts: readonly ContentsPart[]): number {
  return parts.filter(({ fileData, file_data, inlineData, inline_data }) =>
    Boolean(
      fileData?.fileUri ||
        fileData?.file_uri ||
        file_data?.fileUri ||
        file_data?.file_uri ||
        inlineData?.data ||
        inline_data?.data,
    ),
  ).length;
}

function asksSomething(turn: ContentsTurn | undefined): boolean {
  return turn?.role === 'user' && turn.parts.some((part) => (part.text ?? '').trim() !== '');
}

function toDataUri(base64: string): string {
  return `data:image/png;base64,${base64}`;
}
