import { z } from 'zod';
import { toRetryDelayMs } from './retry-delay.ts';

/** What an HTTP error of the upstream says, whatever its shape. */
export interface ErrorAnswer {
  readonly status: number;
  /** The error's sentence; the body's own text when it is not the JSON that it should be. */
  readonly message: string;
  /** Everything that tells one error from another: `status`, reasons, quota ids and the sentence. */
  readonly words: string;
  readonly retryDelayMs?: number;
}

export interface RawErrorAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** The patterns that are looked for are cheap on this much text. */
const maxMessageLength = 20_000;

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
  error: z.object({ message: strings, status: strings, details: z.array(detailSchema).catch([]) }),
});

export function parseErrorAnswer({ status, retryAfter, body }: RawErrorAnswer, now: number): ErrorAnswer {
  const error = parseError(body);
  const details = error?.details ?? [];
  const message = error ? error.message.slice(0, maxMessageLength) : stripTags(body.slice(0, maxMessageLength));
  const quotas = details
    .flatMap((detail) => detail.violations)
    .flatMap((violation) => [violation.quotaId, violation.quotaMetric]);
  const words = [error?.status, ...details.map((detail) => detail.reason), ...quotas, message]
    .filter(Boolean)
    .join(' ');
  const retryInfo = details.map((detail) => detail.retryDelay);
  const retryDelayMs = toRetryDelayMs({ retryAfter, retryInfo, message }, now);
  return { status, message, words, ...(retryDelayMs !== undefined && { retryDelayMs }) };
}

/** The error may be the only item of an array, as the streaming methods answer. */
function parseError(body: string): z.infer<typeof errorSchema>['error'] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return errorSchema.safeParse(Array.isArray(value) ? value[0] : value).data?.error;
  } catch {
    return undefined;
  }
}

/** A proxy's HTML page as the words on it. */
function stripTags(body: string): string {
  return body
    .replaceAll(/<(style|script)\b.*?<\/\1>|<[^<>]*>/gis, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
