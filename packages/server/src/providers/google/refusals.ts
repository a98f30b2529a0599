import type { Failure, FailureCode } from '../../core/failures.ts';
import { quoteText } from '../upstream-text.ts';

/** What a 200 without a picture says. */
export interface Refusal {
  readonly blockReason: string | undefined;
  readonly finishReason: string | undefined;
  /** What the upstream says about the block or the end. */
  readonly explanation: string | undefined;
  /** What the model said instead of drawing. */
  readonly text: string;
}

type RefusalCode = keyof typeof sentences;

/**
 * Why the candidate ended, when it ended without a picture. Source: `FinishReason` of the SDK,
 * https://googleapis.github.io/js-genai/
 */
const codesByFinishReason: ReadonlyMap<string, RefusalCode> = new Map([
  ['SAFETY', 'image_blocked'],
  ['IMAGE_SAFETY', 'image_blocked'],
  ['PROHIBITED_CONTENT', 'image_blocked'],
  ['IMAGE_PROHIBITED_CONTENT', 'image_blocked'],
  ['SPII', 'image_blocked'],
  ['BLOCKLIST', 'image_blocked'],
  ['MODEL_ARMOR', 'image_blocked'],
  // These two are about the request: a rule has filtered it, or it is in a language that is not served.
  ['ESCALATION', 'prompt_blocked'],
  ['LANGUAGE', 'prompt_blocked'],
  ['RECITATION', 'recitation_blocked'],
  ['IMAGE_RECITATION', 'recitation_blocked'],
  ['MAX_TOKENS', 'token_limit'],
  // Our calls cannot continue an answer.
  ['CONTINUATION', 'token_limit'],
  ['MALFORMED_RESPONSE', 'upstream_answer_invalid'],
  // Our calls offer no tools.
  ['MALFORMED_FUNCTION_CALL', 'upstream_answer_invalid'],
  ['UNEXPECTED_TOOL_CALL', 'upstream_answer_invalid'],
  ['TOO_MANY_TOOL_CALLS', 'upstream_answer_invalid'],
  ['MISSING_THOUGHT_SIGNATURE', 'upstream_signature_missing'],
  // The account is limited or disabled.
  ['PUP_LIMITED_DISABLED', 'upstream_location_unsupported'],
  ['NO_IMAGE', 'no_image'],
  ['IMAGE_OTHER', 'no_image'],
  ['OTHER', 'no_image'],
]);

/** What a reason that is newer than this table most likely means, by its name. All others are `no_image`. */
const codesByName: readonly (readonly [name: RegExp, code: RefusalCode])[] = [
  [/RECIT|COPYRIGHT/, 'recitation_blocked'],
  [/SAFETY|PROHIBIT|BLOCK|POLICY|FILTER|VIOLAT|ARMOR|JAILBREAK|ESCALAT|SENSITIVE|MODERAT/, 'image_blocked'],
  [/TOKEN|LENGTH/, 'token_limit'],
  [/MALFORM|TOOL|FUNCTION/, 'upstream_answer_invalid'],
  [/SIGNATURE/, 'upstream_signature_missing'],
];

const sentences = {
  prompt_blocked: 'The upstream blocked the prompt; other words or other reference pictures may be accepted.',
  image_blocked: 'The upstream blocked the picture that it made; a different prompt may be accepted.',
  recitation_blocked:
    'The upstream withheld the picture because it is too close to an existing work; ask for something more original.',
  token_limit: 'The model used all its tokens before the picture was made; a shorter prompt may help.',
  upstream_answer_invalid: 'The model ended its answer without a picture.',
  upstream_signature_missing: 'The conversation has a part without a thought signature; start a new conversation.',
  upstream_location_unsupported:
    'The upstream does not serve this account: Google has limited or disabled it because of the content of its requests.',
  text_only: 'The model answered in words instead of a picture; its words say why or what it needs to know.',
  no_image: 'The model was asked for a picture but made none.',
} as const satisfies Partial<Record<FailureCode, string>>;

/** The failure that an answer without a picture means. */
export function toRefusalFailure(refusal: Refusal, apiKey: string): Failure {
  const code = toCode(refusal);
  const { blockReason, finishReason } = refusal;
  const reason = blockReason ?? finishReason;
  const upstreamMessage = quoteText(refusal.explanation ?? '', apiKey);
  const modelText = quoteText(refusal.text, apiKey);
  return {
    code,
    message: reason === undefined || isFinished(reason) ? sentences[code] : `${sentences[code]} (${reason})`,
    upstreamStatus: 200,
    ...(upstreamMessage && { upstreamMessage }),
    ...(finishReason && { finishReason }),
    ...(blockReason && { blockReason }),
    ...(modelText && { modelText }),
  };
}

function toCode({ blockReason, finishReason, text }: Refusal): RefusalCode {
  if (blockReason !== undefined) return 'prompt_blocked';
  if (isFinished(finishReason)) return text.trim() === '' ? 'no_image' : 'text_only';
  const reason = finishReason?.toUpperCase() ?? '';
  return codesByFinishReason.get(reason) ?? codesByName.find(([name]) => name.test(reason))?.[1] ?? 'no_image';
}

/** Did the candidate finish by itself? */
export function isFinished(finishReason: string | undefined): boolean {
  return finishReason === undefined || finishReason.toUpperCase() === 'STOP';
}
