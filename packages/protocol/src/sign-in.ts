import { z } from 'zod';

const error = 'must be the code of the link that Darkroom printed';

export const signInBodySchema = z.looseObject(
  { code: z.string({ error }).min(1, { error }).max(200, { error }) },
  { error: 'must be a JSON object {"code"}' },
);

export const signInReplySchema = z
  .object({ api_key: z.string().meta({ description: 'A new admin key. The code cannot be used again.' }) })
  .meta({ id: 'SignInReply' });

export type SignInReply = z.infer<typeof signInReplySchema>;
