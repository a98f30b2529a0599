import { z } from 'zod';

/** The key of an API, which is sent in a header: no other text can be, and a space would end it there. */
export const secretText = z
  .string({ error: 'must be a text' })
  .trim()
  .min(8, { error: 'must have at least 8 characters' })
  .regex(/^[\x21-\x7e]*$/, {
    error: 'must have visible ASCII characters alone, without spaces: no other can be sent in a header',
  });
