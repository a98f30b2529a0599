import type { RequestStatus } from '@darkroom/protocol';
import { type Failure, toFailureKind } from '../../core/failures.ts';
import type { Grounding } from '../../core/grounding.ts';
import type { ImageRequest, SuccessOutcome } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import { toDollars } from '../../core/pricing.ts';
import { StoredBase64 } from '../../http/json-answer.ts';
import type { MediaStore } from '../../media/media-store.ts';
import { toFailureReply } from '../openai-errors.ts';
import { toPictureId, toResponseId } from './ids.ts';
import type { Echo } from './response-submission.ts';

/** Where the pictures of a response can be read. */
export interface PicturePlaces {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: () => string;
}

/** A request as a response. Its `output` is empty until it has ended. */
export function toResponse(request: ImageRequest, places: PicturePlaces) {
  const { id, model, status, outcome, createdAt, updatedAt, payload } = request;
  const { response, system_instruction, temperature, top_p, previous_request_id } = JSON.parse(payload) as Kept; // written by this wire, or by another without these keys
  const { background = false, metadata = {}, tool = { type: 'image_generation' } } = response ?? {};
  return {
    id: toResponseId(id),
    object: 'response',
    created_at: toSeconds(createdAt),
    ...(isEnded(status) && { completed_at: toSeconds(updatedAt) }),
    status: statuses[status],
    background,
    error: outcome?.kind === 'failure' ? toError(outcome.failure, request) : null,
    incomplete_details: null,
    instructions: system_instruction ?? null,
    max_output_tokens: null,
    metadata,
    model,
    output: toOutput(request, places),
    parallel_tool_calls: true,
    previous_response_id: previous_request_id === undefined ? null : toResponseId(previous_request_id),
    reasoning: null,
    store: true,
    temperature: temperature ?? null,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [tool],
    top_p: top_p ?? null,
    truncation: 'disabled',
    usage: outcome?.kind === 'success' ? toUsage(request, outcome) : null,
    user: null,
  };
}

/** What the row keeps of a call. */
interface Kept {
  readonly response?: Partial<Echo>;
  readonly system_instruction?: string;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly previous_request_id?: string;
}

const statuses = {
  queued: 'queued',
  processing: 'in_progress',
  success: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const satisfies Record<RequestStatus, string>;

function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** The items of a response: its pictures, and what the model said about them. */
function toOutput(request: ImageRequest, places: PicturePlaces): readonly OutputItem[] {
  const { id, outcome } = request;
  if (outcome?.kind === 'failure') return [{ ...toStartedPicture(request), status: 'failed' }];
  if (outcome?.kind !== 'success') return [];
  const pictures = outcome.pictures.map(({ name, format, width, height }, index) => ({
    ...toStartedPicture(request, index),
    status: 'completed',
    result: new StoredBase64(name),
    background: 'opaque',
    output_format: format,
    size: `${width}x${height}`,
    url: places.media.toAddress(name, places.publicUrl()).url,
  }));
  const { text, grounding } = outcome;
  // Sources are notes to a text; without one, they are notes to an empty one.
  if (text === undefined && !grounding) return pictures;
  return [...pictures, toMessage(`msg_${id}`, toTextPart(text ?? '', grounding))];
}

/** An item of the output; pictures and messages have other keys as well. */
export interface OutputItem {
  readonly id: string;
  readonly type: string;
  readonly status: string;
}

/** A picture that is being made. */
export function toStartedPicture({ id }: ImageRequest, index = 0): OutputItem & { readonly result: null } {
  return { id: toPictureId(id, index), type: 'image_generation_call', status: 'in_progress', result: null };
}

export interface MessageItem extends OutputItem {
  readonly type: 'message';
  readonly role: 'assistant';
  readonly content: readonly [ReturnType<typeof toTextPart>];
}

function toMessage(id: string, part: ReturnType<typeof toTextPart>): MessageItem {
  return { id, type: 'message', status: 'completed', role: 'assistant', content: [part] };
}

/** With the sources, each of the whole text. */
export function toTextPart(text: string, { sources }: Pick<Grounding, 'sources'> = { sources: [] }) {
  const annotations = sources.map(({ url, title = url }) => ({
    type: 'url_citation',
    url,
    title,
    start_index: 0,
    end_index: text.length,
  }));
  return { type: 'output_text', text, annotations, logprobs: [] };
}

/** With the codes that OpenAI has for it. */
function toError(failure: Failure, request: ImageRequest) {
  const { error } = toFailureReply(request).body as { readonly error: { readonly message: string } }; // as it is written there
  return { code: toCode(failure), message: error.message };
}

function toCode({ code }: Failure): string {
  switch (code) {
    case 'image_blocked':
    case 'recitation_blocked':
      return 'image_content_policy_violation';
    case 'reference_unavailable':
    case 'reference_not_uploaded':
    case 'reference_busy':
      return 'failed_to_download_image';
    case 'upstream_reference_rejected':
      return 'invalid_image';
    default:
      return toFailureKind(code).blame === 'caller' ? 'invalid_prompt' : 'server_error';
  }
}

/** Tokens, and what they cost in dollars. */
function toUsage({ costMicros }: ImageRequest, { usage }: SuccessOutcome) {
  const { promptTokens = 0, imageTokens = 0, textTokens = 0, thoughtTokens = 0, totalTokens = 0 } = usage ?? {};
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: imageTokens + textTokens + thoughtTokens,
    output_tokens_details: { reasoning_tokens: thoughtTokens, image_tokens: imageTokens, text_tokens: textTokens },
    total_tokens: totalTokens,
    cost: toDollars(costMicros),
  };
}
