import { z } from 'zod';
import { wholeNumber } from './numbers.ts';

const most = 1_000_000_000_000_000;

/** The limits of an API key or an organization: what each one counts, and in which unit. */
export const limitKinds = {
  stored_bytes: {
    max: most,
    meaning:
      'Bytes of the pictures in the storage: those that were made and those that were sent. A new request or upload is refused while they are as many; the pictures of requests that were accepted before are still stored.',
  },
  unused_upload_bytes: { max: most, meaning: 'Bytes of uploads that no request has used yet.' },
  uploads_per_minute: { max: 1_000_000, meaning: 'Upload addresses in any 60 seconds.' },
  requests_per_minute: { max: 1_000_000, meaning: 'Submits in any 60 seconds.' },
  body_bytes_per_minute: {
    max: most,
    meaning:
      'Bytes of the bodies of calls in any 60 seconds. A body whose length is not announced counts as the largest that the call may have.',
  },
  open_streams: {
    max: 1_000_000,
    meaning: 'Event streams and waiting calls that are open at the same time, in each process.',
  },
  queued_requests: { max: 10_000_000, meaning: 'Requests that are queued at the same time.' },
} as const satisfies Record<string, { readonly max: number; readonly meaning: string }>;

export type LimitName = keyof typeof limitKinds;

const limitNames = Object.keys(limitKinds) as [LimitName, ...LimitName[]]; // the table's own keys

function toLimit(name: LimitName) {
  const { max, meaning } = limitKinds[name];
  return wholeNumber(1, max).nullable().optional().meta({ description: meaning });
}

const limitFields = {
  stored_bytes: toLimit('stored_bytes'),
  unused_upload_bytes: toLimit('unused_upload_bytes'),
  uploads_per_minute: toLimit('uploads_per_minute'),
  requests_per_minute: toLimit('requests_per_minute'),
  body_bytes_per_minute: toLimit('body_bytes_per_minute'),
  open_streams: toLimit('open_streams'),
  queued_requests: toLimit('queued_requests'),
} satisfies Record<LimitName, unknown>;

/** Limits as a call sets them. A misspelled one must not be taken for none. */
export const limitsBodySchema = z
  .looseObject(limitFields, { error: 'must be an object of limits' })
  .superRefine((limits, { addIssue }) => {
    for (const name of Object.keys(limits).filter((key) => !(key in limitKinds)))
      addIssue({ code: 'custom', path: [name], message: `is no limit: there are ${limitNames.join(', ')}` });
  });

/** The limits of something that exists, as a call changes them. */
export const limitsChangeSchema = limitsBodySchema
  .optional()
  .meta({ description: 'The limits to change; `null` removes one. Those that are left out stay.' });

/** Limits as records show them. */
export const limitsSchema = z
  .object(limitFields)
  .meta({ id: 'Limits', description: 'Limits of its own. Those that are missing are the limits of the service.' });

/** Which limit refuses a call. */
export const reachedLimitSchema = z
  .object({
    name: z.enum(limitNames),
    of: z.enum(['key', 'organization']),
    value: z.int(),
  })
  .meta({ id: 'ReachedLimit', description: 'The limit that refuses the call.' });

export type LimitsBody = z.input<typeof limitsBodySchema>;
export type LimitsRecord = z.infer<typeof limitsSchema>;
export type ReachedLimit = z.infer<typeof reachedLimitSchema>;
