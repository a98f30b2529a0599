import { z } from 'zod';

const error = 'must be the code of the link that Darkroom printed';

export const signInBodySchema = z.looseObject(
  { code: z.string({ error }).min(1, { error }).max(200, { error }) },
  { error: 'must be a JSON object {"code"}' },
);

export const signInReplySchema = z
  .object({ api_key: z.string().meta({ description: 'A new admin key. The code cannot be used again.' }) })
  .meta({ id: 'SignInReply' });

export const signInWaysSchema = z
  .object({
    openid_connect: z
      .object({ name: z.string().meta({ description: 'What the button says.' }) })
      .nullable()
      .meta({ description: '`null`: not set up.' }),
    session_token: z.string().nullable().meta({
      description:
        'For a browser that is signed in: what its page sends as `Authorization: Bearer …`. It is worth nothing without the cookie.',
    }),
  })
  .meta({ id: 'SignInWays' });

export type SignInWays = z.infer<typeof signInWaysSchema>;

export type SignInReply = z.infer<typeof signInReplySchema>;
