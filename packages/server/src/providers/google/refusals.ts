import type { Failure, FailureCode } from '../../core/failures.ts';
import { quoteText } from './upstream-text.ts';

/** What a 200 without a picture says. */
export interface Refusal {
  readonly blockReason: string | undefined;
  readonly finishReason: string | undefined;
  /** What the upstream says about the block or the end. */
  readonly explanation: string | undefined;
  /** What the model said instead of drawing. */
  readonly text: string;
}

/** Why the candidate ended, when it ended without a picture. Every other reason, new ones too, is `no_image`. */
const codesByFinishReason: ReadonlyMap<string, keyof typeof sentences> = new Map([
  ['SAFETY', 'image_blocked'],
  ['IMAGE_SAFETY', 'image_blocked'],
  ['PROHIBITED_CONTENT', 'image_blocked'],
  ['IMAGE_PROHIBITED_CONTENT', 'image_blocked'],
  ['SPII', 'image_blocked'],
  ['BLOCKLIST', 'image_blocked'],
  ['RECITATION', 'recitation_blocked'],
  ['IMAGE_RECITATION', 'recitation_blocked'],
  ['MAX_TOKENS', 'token_limit'],
]);

const sentences = {
  prompt_blocked: 'The upstream blocked the prompt; other words or other reference pictures may pass.',
  image_blocked: 'The upstream blocked the picture that it made; a changed prompt may pass.',
  recitation_blocked:
    'The upstream withheld the picture because it is too close to an existing work; ask for something more of your own.',
  token_limit: 'The model used all its tokens before the picture was made; a shorter prompt may help.',
  text_only: 'The model answered in words instead of a picture; its words say why or what it needs to know.',
  no_image: 'The model was asked for a picture and made none.',
} as const satisfies Partial<Record<FailureCode, string>>;

/** The failure that an answer without a picture stands for. */
export function toRefusalFailure(refusal: Refusal, apiKey: string): Failure {
  const code = toCode(refusal);
  const { blockReason, finishReason } = refusal;
  const reason = code === 'prompt_blocked' ? blockReason : finishReason;
  const upstreamMessage = quoteText(refusal.explanation ?? '', apiKey);
  const modelText = quoteText(refusal.text, apiKey);
  return {
    code,
    message: reason === undefined || reason === 'STOP' ? sentences[code] : `${sentences[code]} (${reason})`,
    upstreamStatus: 200,
    ...(upstreamMessage && { upstreamMessage }),
    ...(finishReason && { finishReason }),
    ...(blockReason && { blockReason }),
    ...(modelText && { modelText }),
  };
}

function toCode({ blockReason, finishReason, text }: Refusal): keyof typeof sentences {
  if (blockReason !== undefined) return 'prompt_blocked';
  if (finishReason === undefined || finishReason === 'STOP') return text.trim() === '' ? 'no_image' : 'text_only';
  return codesByFinishReason.get(finishReason) ?? 'no_image';
}
