import { type ProblemCode, problemKinds } from '@darkroom/protocol';
import type { Problem } from '../../../core/problem.ts';
import { type ToErrorReply, toProblemHeaders } from '../../../http/error-reply.ts';

/** Codes of JSON-RPC (https://www.jsonrpc.org/specification#error_object); the others are errors of the server. */
const rpcCodes: Partial<Record<ProblemCode, number>> = {
  malformed_json: -32_700,
  invalid_request: -32_600,
  internal_error: -32_603,
  data_damaged: -32_603,
};
const serverError = -32_000;

/** The refusal of a whole HTTP call. A tool that refuses its arguments answers with a result (`toProblemAnswer`). */
export const toRpcError: ToErrorReply = (problem) => ({
  status: problemKinds[problem.code].status,
  headers: toProblemHeaders(problem),
  body: { jsonrpc: '2.0', id: null, error: toErrorObject(problem) },
});

function toErrorObject({ code, message, retryAfterSeconds }: Problem) {
  const wait = retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds };
  return { code: rpcCodes[code] ?? serverError, message, data: { code, ...wait } };
}
