import { z } from 'zod';
import { commaList } from './comma-list.ts';

const error = { error: 'must be pairs of a name and a model, e.g. gpt-image-1=gemini-3-pro-image-preview' };

/** Reads `DARKROOM_MODEL_ALIASES`: pairs of a name that clients use and the id of a model, separated by commas. */
export const modelAliasesSchema = commaList(error)
  .pipe(z.array(z.string().regex(/^[^\s=]{1,100}=[^\s=]{1,100}$/, error)))
  .transform((pairs) => new Map(pairs.map((pair) => pair.split('=') as [string, string]))) // each has one `=`
  .default(new Map());
