import { z } from 'zod';
import { maxMessageLength, parseJson, toVisibleText } from '../error-body.ts';
import type { ErrorAnswer } from '../http-failure.ts';
import { toRetryDelayMs } from '../retry-delay.ts';
import { toErrorStatus } from './error-status.ts';

export interface RawErrorAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

const strings = z.string().catch('');

const detailSchema = z
  .object({
    reason: strings,
    retryDelay: strings,
    violations: z
      .array(z.object({ quotaId: strings, quotaMetric: strings }).catch({ quotaId: '', quotaMetric: '' }))
      .catch([]),
  })
  .catch({ reason: '', retryDelay: '', violations: [] });

const errorSchema = z.object({
  message: strings,
  status: strings,
  type: strings,
  code: z.union([z.number(), z.string()]).optional().catch(undefined),
  details: z.array(detailSchema).catch([]),
});

type GoogleError = z.infer<typeof errorSchema>;

export function parseErrorAnswer({ status, retryAfter, body }: RawErrorAnswer, now: number): ErrorAnswer {
  const error = findError(parseJson(body)) ?? toError(toVisibleText(body));
  return toErrorAnswer(error, { status, retryAfter, now });
}

/** The error that a 200 holds instead of an answer, if it does. */
export function findInnerError(value: unknown, retryAfter: string | undefined, now: number): ErrorAnswer | undefined {
  const error = findError(value);
  const status = error && toErrorStatus(error);
  if (!error || status === undefined) return undefined;
  return { ...toErrorAnswer(error, { status, retryAfter, now }), isInner: true };
}

function toErrorAnswer(
  error: GoogleError,
  {
    status,
    retryAfter,
    now,
  }: { readonly status: number; readonly retryAfter: string | undefined; readonly now: number },
): ErrorAnswer {
  const { details } = error;
  const message = error.message.slice(0, maxMessageLength);
  const quotas = details
    .flatMap((detail) => detail.violations)
    .flatMap((violation) => [violation.quotaId, violation.quotaMetric]);
  const words = [error.status, ...details.map((detail) => detail.reason), ...quotas, message].filter(Boolean).join(' ');
  const durations = details.map((detail) => detail.retryDelay);
  const retryDelayMs = toRetryDelayMs({ retryAfter, durations, message }, now);
  return { status, message, words, ...(retryDelayMs !== undefined && { retryDelayMs }) };
}

/** The error may be the only item of an array, as in answers of the streaming methods; relays may send only a sentence. */
function findError(value: unknown): GoogleError | undefined {
  const { data } = z.object({ error: z.unknown() }).safeParse(Array.isArray(value) ? value[0] : value);
  return typeof data?.error === 'string' ? toError(data.error) : errorSchema.safeParse(data?.error).data;
}

function toError(message: string): GoogleError {
  return { message, status: '', type: '', code: undefined, details: [] };
}
