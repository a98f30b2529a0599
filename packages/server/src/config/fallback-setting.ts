import { z } from 'zod';
import { standInReasons } from '../core/stand-ins.ts';

const listRule = { error: 'must be a list of up to 10 models, e.g. [{"model": "flux", "when": ["resting"]}]' };
const entryRule = { error: 'must be an object {"model", "when"}' };
const whenRule = { error: `must be a list of some of ${standInReasons.join(', ')}` };

/** The models that are called instead of another, the first one first; without `when`, in every case. */
export const fallbackSchema = z
  .array(
    z.strictObject(
      {
        model: z.string({ error: 'must be the id of a model' }),
        when: z
          .array(z.enum(standInReasons, whenRule), whenRule)
          .min(1, whenRule)
          .default([...standInReasons]),
      },
      entryRule,
    ),
    listRule,
  )
  .max(10, listRule);
