import { z } from 'zod';

const error = 'must be true or false';

/** A setting that is on or off: a word in the environment, a word or a boolean in the file. */
export const yesNo = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], { error });
