import { z } from 'zod';
import { reachedLimitSchema } from './limits.ts';

/** Why a call is refused: the HTTP status, and what it means. A released code is never renamed. */
export const problemKinds = {
  invalid_request: {
    status: 400,
    meaning: 'The body, the query or the path is not valid for this call. `details` names each wrong key.',
  },
  malformed_json: { status: 400, meaning: 'The body is not JSON.' },
  unauthorized: { status: 401, meaning: 'The API key is missing, wrong, expired or revoked.' },
  budget_exceeded: {
    status: 402,
    meaning: 'The request may cost more than is left of a budget of its API key or organization.',
  },
  admin_required: {
    status: 403,
    meaning: 'Only the operator may make this call: it takes a key with the scope `admin`.',
  },
  scope_required: {
    status: 403,
    meaning: 'The API key may not make this call: the message names the scope that it lacks.',
  },
  organization_suspended: {
    status: 403,
    meaning: 'The organization is suspended by the operator: its keys are refused until it is resumed.',
  },
  model_not_allowed: { status: 403, meaning: 'The API key is limited to other models, which the message lists.' },
  not_found: { status: 404, meaning: 'There is nothing at this address, or it belongs to another organization.' },
  model_not_found: { status: 404, meaning: 'The catalogue has no model with this id. Ids are case-sensitive.' },
  method_not_allowed: { status: 405, meaning: 'The address exists but takes other methods. `Allow` lists them.' },
  idempotency_conflict: { status: 409, meaning: 'The `Idempotency-Key` was already used with a different body.' },
  request_ended: {
    status: 409,
    meaning:
      'The request ended while it was being cancelled by `DELETE`, and still exists. Repeat the call to delete it.',
  },
  request_open: {
    status: 409,
    meaning:
      'The request to delete has not ended, or one of its calls is still under way. `Retry-After` says when to try again.',
  },
  organization_exists: { status: 409, meaning: 'There is an organization of this id already.' },
  organization_not_empty: {
    status: 409,
    meaning: 'The organization still has requests or pictures, so it cannot be removed.',
  },
  upload_conflict: { status: 409, meaning: 'A different picture was already uploaded at this address.' },
  endpoints_full: { status: 409, meaning: 'The organization has as many webhook endpoints as it may have.' },
  deleted: {
    status: 410,
    meaning: 'The request or the picture was deleted, or has expired. It cannot be restored.',
  },
  media_lost: {
    status: 410,
    meaning:
      'The picture was stored, but its file in the media storage is missing or cut off. The operator has to look into it.',
  },
  body_too_large: { status: 413, meaning: 'The body is larger than the limit.' },
  storage_full: {
    status: 413,
    meaning:
      'The API key or its organization has as many bytes of stored pictures as it may have. There is room again when pictures are removed.',
  },
  range_not_satisfiable: { status: 416, meaning: 'The requested range is outside the picture.' },
  unreadable_picture: { status: 422, meaning: 'The picture cannot be decoded, so it has no thumbnail.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body must be JSON, sent with `Content-Type: application/json`.',
  },
  rate_limited: {
    status: 429,
    meaning:
      'The API key or its organization has submitted as many requests, asked for as many upload addresses or sent as many bytes in a minute as it may. `Retry-After` says when to try again.',
  },
  queue_full: {
    status: 429,
    meaning:
      'The API key or its organization has as many queued requests as it may have. `Retry-After` says when to try again.',
  },
  uploads_full: {
    status: 429,
    meaning:
      'The API key or its organization has as many bytes of unused uploads as it may have. `Retry-After` says when to try again.',
  },
  too_many_streams: {
    status: 429,
    meaning:
      'The API key or its organization has as many event streams and waits open as it may have. `Retry-After` says when to try again.',
  },
  internal_error: { status: 500, meaning: 'A defect in Darkroom. Its log says more.' },
  data_damaged: {
    status: 500,
    meaning:
      'A part of the database that the call needs is damaged. Other calls work. The operator has to restore the database from a backup.',
  },
  overloaded: {
    status: 503,
    meaning: 'The service is shedding load or shutting down. `Retry-After` says when to try again.',
  },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type ProblemCode = keyof typeof problemKinds;

const problemCodes = Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]]; // the table's own keys

export const problemSchema = z
  .object({
    error: z.string().meta({ description: 'A sentence that says what is wrong and how to fix it.' }),
    code: z.enum(problemCodes),
    limit: reachedLimitSchema.optional(),
    details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'Why the call was refused.' });

export type ProblemBody = z.infer<typeof problemSchema>;
