import { type ProblemCode, problemKinds } from '@darkroom/protocol';
import { type ToErrorReply, toProblemHeaders } from '../../http/error-reply.ts';
import { inDialect } from '../payload-names.ts';
import { inputNames } from './input.ts';

/** A refusal as Replicate writes it. Its clients try a POST again on 429 alone. */
export const toErrorReply: ToErrorReply = (problem) => {
  const { code, message, details } = inDialect(problem, inputNames);
  const status = code === 'invalid_request' ? 422 : problemKinds[code].status;
  const invalid_fields = details?.map(({ path, message: description }) => ({
    type: 'invalid',
    field: path,
    description,
  }));
  const title = titles[code] ?? 'The call was refused';
  return {
    status,
    headers: toProblemHeaders(problem),
    body: { title, detail: message, status, ...(invalid_fields && { invalid_fields }) },
  };
};

const titles: Readonly<Partial<Record<ProblemCode, string>>> = {
  invalid_request: 'Input validation failed',
  unauthorized: 'Unauthenticated',
  budget_exceeded: 'Insufficient credit',
  not_found: 'Not found',
  model_not_found: 'Model not found',
  rate_limited: 'Too many requests',
  queue_full: 'Too many requests',
  internal_error: 'Internal server error',
  data_damaged: 'Internal server error',
};
