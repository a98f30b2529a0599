import type { ImageRequest } from '../../core/image-request.ts';
import type { Problem } from '../../core/problem.ts';
import { toGoogleError } from '../google-errors.ts';
import type { StreamEvent } from '../long-calls.ts';
import { readChoices } from './choices.ts';
import { type PicturePlaces, toContent, toError, toHead, toSearchSteps, toUsage } from './interaction.ts';

/**
 * The events of an interaction's stream. The id of an event is its place, the same in every stream of the interaction, so a client
 * that has `seen` some of them is sent the others.
 */
export function toStartEvents(request: ImageRequest, seen: number): readonly StreamEvent[] {
  // Clients of streams do not know `queued`.
  const status = 'in_progress';
  const events = number(0, [
    { event_type: 'interaction.created', interaction: { ...toHead(request), status } },
    { event_type: 'interaction.status_update', interaction_id: request.id, status },
  ]);
  return events.slice(seen);
}

const startCount = 2;

export function toEndEvents(
  request: ImageRequest,
  { seen, ...places }: PicturePlaces & { readonly seen: number },
): readonly StreamEvent[] {
  const { outcome } = request;
  const interaction = { ...toHead(request), ...(outcome && { usage: toUsage(request) }) };
  const searches = toSearchSteps(request);
  const output = toContent(request, { ...places, ...readChoices(request) });
  const events = number(startCount, [
    ...searches.flatMap(toWholeStep),
    ...(output.length > 0 ? toStep(output, searches.length) : []),
    ...(outcome?.kind === 'failure' ? [{ event_type: 'error', error: toError(outcome.failure) }] : []),
    { event_type: 'interaction.completed', interaction },
  ]);
  return [...events.slice(Math.max(seen - startCount, 0)), done];
}

/** Without an id: a client that follows the interaction again begins where it was. */
export function toErrorEvents(problem: Problem): readonly StreamEvent[] {
  const { status, message } = toGoogleError(problem);
  return [{ event: 'error', data: { event_type: 'error', error: { code: status, message } } }, done];
}

const done: StreamEvent = { event: 'done', data: '[DONE]' };

interface NamedEvent {
  readonly event_type: string;
  readonly [key: string]: unknown;
}

function toWholeStep(step: object, index: number): readonly NamedEvent[] {
  return [
    { event_type: 'step.start', index, step },
    { event_type: 'step.stop', index },
  ];
}

function toStep(output: readonly object[], index: number): readonly NamedEvent[] {
  return [
    { event_type: 'step.start', index, step: { type: 'model_output' } },
    ...output.map((delta) => ({ event_type: 'step.delta', index, delta })),
    { event_type: 'step.stop', index },
  ];
}

function number(first: number, events: readonly NamedEvent[]): readonly StreamEvent[] {
  return events.map((event, index) => ({
    event: event.event_type,
    data: { ...event, event_id: String(first + index) },
  }));
}
