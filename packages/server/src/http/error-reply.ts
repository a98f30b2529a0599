import { type ProblemBody, problemKinds } from '@darkroom/protocol';
import type { FastifyReply } from 'fastify';
import type { Problem } from '../core/problem.ts';
import { HttpProblem } from './http-problem.ts';

/** A refusal as a caller gets it. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Becomes JSON. */
  readonly body: object;
}

/** Writes a problem in the format of a wire. */
export type ToErrorReply = (problem: Problem) => ErrorReply;

/** The house's own format, for everything that belongs to no wire. */
export const toHouseError: ToErrorReply = (problem) => ({
  status: problemKinds[problem.code].status,
  headers: toProblemHeaders(problem),
  body: toProblemBody(problem),
});

/** The HTTP headers that express the problem: they are the same on every wire. */
export function toProblemHeaders(problem: Problem): Readonly<Record<string, string>> {
  const { retryAfterSeconds } = problem;
  return {
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    ...(problem instanceof HttpProblem && problem.headers),
  };
}

function toProblemBody({ message, code, limit, details }: Problem): ProblemBody {
  return { error: message, code, ...(limit && { limit }), ...(details && { details }) };
}

export function sendErrorReply(reply: FastifyReply, { status, headers, body }: ErrorReply): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}
