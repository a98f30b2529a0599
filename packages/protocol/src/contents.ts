import { z } from 'zod';

/** A file of a part. Clients write camelCase or snake_case; both mean the same. */
const fileDataSchema = z.looseObject({
  mimeType: z.string().optional(),
  mime_type: z.string().optional(),
  fileUri: z.string().optional(),
  file_uri: z.string().optional(),
});

const inlineDataSchema = z.looseObject({
  mimeType: z.string().optional(),
  mime_type: z.string().optional(),
  data: z.string().optional(),
});

const partSchema = z.looseObject({
  text: z.string().optional(),
  fileData: fileDataSchema.optional(),
  file_data: fileDataSchema.optional(),
  inlineData: inlineDataSchema.optional(),
  inline_data: inlineDataSchema.optional(),
});

export const turnSchema = z
  .looseObject({
    role: z.enum(['user', 'model'], { error: 'must be "user" or "model"' }),
    parts: z.array(partSchema, { error: 'must be a list of parts' }),
  })
  .meta({ id: 'Turn', description: 'One side of an exchange: what the user asked, or what the model answered.' });

/** A conversation, oldest turn first: `outcome.next_turn_contents` of an earlier request with its last turn filled in. */
export const contentsSchema = z
  .array(turnSchema, { error: 'must be a list of turns, each {"role", "parts"}' })
  .min(1, { error: 'must hold at least one turn' })
  .meta({
    title: 'Conversation',
    description:
      'A conversation to continue; with it, `prompt` and `image` are ignored. Empty texts and file URIs are left out.',
  });

export type ContentsTurn = z.infer<typeof turnSchema>;
export type ContentsPart = z.infer<typeof partSchema>;
