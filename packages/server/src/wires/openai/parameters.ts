import { isNotSet } from '@darkroom/protocol';
import { UnsupportedParameter } from '../openai-errors.ts';

/** Parameters of the queue that callers of this wire may add. The model checks them. */
export const passedOn = [
  'previous_request_id',
  'previous_image',
  'system_instruction',
  'temperature',
  'top_p',
  'seed',
  'safety_settings',
  'thinking_level',
  'google_search',
] as const;

/** Kept in the payload of the request, to be found there. */
export const keptAlong = ['user', 'safety_identifier', 'metadata'] as const;

/** Accepted without effect: they mean nothing to the pictures of these models. */
export const ignored = [
  'moderation',
  'style',
  'input_fidelity',
  'store',
  'tools',
  'tool_choice',
  'stream_options',
  'prompt_cache_key',
] as const;

/** What OpenAI or others have and these models do not, and why; each reason is the end of a sentence that begins with the name. */
const refused: ReadonlyMap<string, string> = new Map([
  ['markup', 'is not possible with these models: draw it into the picture, or send a mask'],
  ['complexity', 'is not possible with these models: thinking_level says how much some of them think'],
  ['frame_count', 'is not possible: these models make no moving pictures'],
  ['frame_duration_ms', 'is not possible: these models make no moving pictures'],
  ['svg', 'is not possible: these models make raster pictures'],
]);

/** No parameter is dropped in silence: throws the `Problem` of one that this wire does not know, unless it was not filled in. */
export function refuseParameters(body: unknown, isKnown: (name: string) => boolean): void {
  if (typeof body !== 'object' || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    if (isKnown(name) || isNotSet(value)) continue;
    throw new UnsupportedParameter(name.slice(0, 100), refused.get(name) ?? 'is not a parameter of this call');
  }
}
