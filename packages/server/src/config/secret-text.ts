import { z } from 'zod';

/** An API key. It is sent in a header, which allows no other characters, and a space would end it. */
export const secretText = z
  .string({ error: 'must be a string' })
  .trim()
  .min(8, { error: 'must have at least 8 characters' })
  .regex(/^[\x21-\x7e]*$/, {
    error: 'must have only visible ASCII characters, without spaces: others cannot be sent in a header',
  });

/** As the receivers of webhooks know it: https://www.standardwebhooks.com. */
export const signingSecret = z
  .string({ error: 'must be a string' })
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, { error: 'must be whsec_ and at least 24 bytes in base64' });
