import { z } from 'zod';

const error = { error: 'must be pairs of a name and a model, e.g. gpt-image-1=gemini-3-pro-image-preview' };

/** Reads `DARKROOM_MODEL_ALIASES`: pairs of a name that clients use and the id of a model, separated by commas. */
export const modelAliasesSchema = z
  .string(error)
  .transform((text) =>
    text
      .split(',')
      .map((pair) => pair.trim())
      .filter((pair) => pair !== ''),
  )
  .pipe(z.array(z.string().regex(/^[^\s=]{1,100}=[^\s=]{1,100}$/, error)))
  .transform((pairs) => new Map(pairs.map((pair) => pair.split('=') as [string, string]))) // each has one `=`
  .default(new Map());
