import { z } from 'zod';

/** Why a call is refused: the HTTP status, and what it means. A released code is never renamed. */
export const problemKinds = {
  invalid_request: {
    status: 400,
    meaning: 'The body, the query or the path is not what the call takes; `details` names each wrong key.',
  },
  malformed_json: { status: 400, meaning: 'The body is not JSON.' },
  unauthorized: { status: 401, meaning: 'The API key is missing, wrong or revoked.' },
  budget_exceeded: {
    status: 402,
    meaning: 'What the request may cost does not fit in a budget of its API key or organization.',
  },
  admin_required: { status: 403, meaning: 'The call is the operator’s: it takes an admin key.' },
  not_found: { status: 404, meaning: 'There is nothing at this address, or it belongs to another organization.' },
  model_not_found: { status: 404, meaning: 'The catalogue has no model of this id; ids are case-sensitive.' },
  method_not_allowed: { status: 405, meaning: 'The address exists and takes other methods; `Allow` lists them.' },
  idempotency_conflict: { status: 409, meaning: 'The `Idempotency-Key` was used for another body.' },
  request_ended: {
    status: 409,
    meaning:
      'The request to be deleted has ended: it cannot be cancelled any more, and ended requests cannot be deleted yet.',
  },
  upload_conflict: { status: 409, meaning: 'Another picture was uploaded at this address already.' },
  endpoints_full: { status: 409, meaning: 'The organization has as many webhook endpoints as it may have.' },
  media_lost: {
    status: 410,
    meaning:
      'The picture was stored, and its file is missing or cut off in the media storage; its operator has to look.',
  },
  body_too_large: { status: 413, meaning: 'The body is larger than the limit.' },
  range_not_satisfiable: { status: 416, meaning: 'The asked range lies outside the picture.' },
  unreadable_picture: { status: 422, meaning: 'The picture cannot be decoded, so that there is no thumbnail of it.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body must be JSON, sent with `Content-Type: application/json`.',
  },
  rate_limited: {
    status: 429,
    meaning:
      'The API key submits more requests a minute than it may, or it or its organization asks for more addresses for uploads; `Retry-After` says when to come back.',
  },
  queue_full: {
    status: 429,
    meaning: 'The organization has as many queued requests as it may have; `Retry-After` says when to come back.',
  },
  uploads_full: {
    status: 429,
    meaning:
      'The API key or its organization has as many bytes of uploads that no request has used as it may; `Retry-After` says when to come back.',
  },
  too_many_streams: {
    status: 429,
    meaning:
      'The API key or its organization has as many event streams and waits open as it may; `Retry-After` says when to come back.',
  },
  internal_error: { status: 500, meaning: 'A defect of Darkroom; its log says more.' },
  overloaded: { status: 503, meaning: 'The service sheds load or shuts down; `Retry-After` says when to come back.' },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type ProblemCode = keyof typeof problemKinds;

const problemCodes = Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]]; // the table's own keys

export const problemSchema = z
  .object({
    error: z.string().meta({ description: 'A sentence that says what is wrong and what would be right.' }),
    code: z.enum(problemCodes),
    details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'Why the call was refused.' });

export type ProblemBody = z.infer<typeof problemSchema>;
