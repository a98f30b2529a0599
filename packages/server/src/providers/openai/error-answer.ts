import { z } from 'zod';
import { maxMessageLength, parseJson, toVisibleText } from '../error-body.ts';
import type { ErrorAnswer } from '../http-failure.ts';
import { toRetryDelayMs } from '../retry-delay.ts';
import type { UpstreamResponse } from '../transport.ts';

const strings = z.string().catch('');
const word = z.union([z.string(), z.number()]).transform(String).catch('');

const errorSchema = z.object({
  message: strings,
  type: strings,
  code: word,
  /** Where the moderation stopped: at the `input`, or at the `output`. */
  moderation_details: z.object({ moderation_stage: strings }).optional().catch(undefined),
});

const envelopeSchema = z.looseObject({
  error: z.unknown().optional(),
  detail: z.unknown().optional(),
  object: z.unknown().optional(),
});

type OpenaiError = z.infer<typeof errorSchema>;

export function parseErrorAnswer(
  { status, header, body }: Pick<UpstreamResponse, 'status' | 'header'> & { readonly body: string },
  now: number,
): ErrorAnswer {
  const error = findError(parseJson(body)) ?? toError(toVisibleText(body));
  const retryDelayMs = toRetryDelayMs(toNamedDelays(header, error.message), now);
  return { ...toErrorAnswer(error, status), ...(retryDelayMs !== undefined && { retryDelayMs }) };
}

/** The error that a 200 holds instead of an answer, if it does. */
export function findInnerError(value: unknown): ErrorAnswer | undefined {
  const error = findError(value);
  return error && { ...toErrorAnswer(error, toStatus(error)), isInner: true };
}

function toErrorAnswer({ message, type, code, moderation_details: moderation }: OpenaiError, status: number) {
  const said = message.slice(0, maxMessageLength);
  const stage = moderation && `moderation_stage=${moderation.moderation_stage}`;
  return { status, message: said, words: [type, code, stage, said].filter(Boolean).join(' ') };
}

/** A limit that is used up says when it is full again. */
function toNamedDelays(header: UpstreamResponse['header'], message: string) {
  const used = ['requests', 'tokens', 'images'].filter((kind) => header(`x-ratelimit-remaining-${kind}`) === '0');
  const ms = header('retry-after-ms');
  const durations = [
    ...used.map((kind) => header(`x-ratelimit-reset-${kind}`) ?? ''),
    ms === undefined ? '' : `${ms}ms`,
  ];
  return { retryAfter: header('retry-after'), durations, message: message.slice(0, maxMessageLength) };
}

/**
 * OpenAI sends `{"error": {…}}`; engines also `{"error": "…"}`, `{"detail": "…"}`, `{"detail": [{"msg"}]}` and `{"object": "error",
 * "message"}`.
 */
function findError(value: unknown): OpenaiError | undefined {
  const { data } = envelopeSchema.safeParse(value);
  if (!data) return undefined;
  if (typeof data.error === 'string') return toError(data.error);
  if (typeof data.error === 'object' && data.error !== null) return errorSchema.safeParse(data.error).data;
  if (data.detail !== undefined) return toError(toDetail(data.detail));
  return data.object === 'error' ? errorSchema.safeParse(data).data : undefined;
}

function toDetail(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  const { data = [] } = z.array(z.object({ loc: z.array(z.unknown()).catch([]), msg: strings })).safeParse(detail);
  return data.map(({ loc, msg }) => [...loc.map(String), msg].join(' ')).join('; ');
}

function toError(message: string): OpenaiError {
  return { message, type: '', code: '' };
}

/** The status that an error inside a 200 should have had. */
function toStatus({ code, type, message }: OpenaiError): number {
  const number = Number(code);
  if (Number.isInteger(number) && number >= 400 && number < 600) return number;
  const words = `${code} ${type} ${message.slice(0, maxMessageLength)}`;
  return signs.find(([pattern]) => pattern.test(words))?.[1] ?? 500;
}

/** The first that matches. */
const signs: readonly (readonly [pattern: RegExp, status: number])[] = [
  [/moderation|safety|content.?policy/i, 400],
  [/api.?key|unauthori[sz]ed|authentication/i, 401],
  [/quota|rate.?limit|too many requests|billing|spend/i, 429],
  [/overload|unavailable|capacity|try again later/i, 503],
  [/model.*not.?found|not.?found/i, 404],
  [/invalid|unsupported|not supported|bad.?request|missing/i, 400],
];
