import {
  attemptEventSchema,
  progressSchema,
  queueSchema,
  requestRecordSchema,
  statusEventSchema,
  webhookEventSchema,
} from '@darkroom/protocol';
import type { z } from 'zod';
import { assertJson } from './answer-guard.ts';

/** One event of a stream; a comment has the name `:`. */
export interface StreamedEvent {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: string;
}

/** A stream of server-sent events, read by a client that sees every byte. */
export interface OpenStream {
  readonly response: Response;
  readonly events: AsyncGenerator<StreamedEvent>;
  /** Disconnects in the middle. */
  cut(): void;
}

export async function openStream(
  url: string,
  { key, lastEventId }: { readonly key: string; readonly lastEventId?: string | undefined },
): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${key}`, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    signal: abort.signal,
  });
  return { response, events: parseEvents(response), cut: () => abort.abort() };
}

async function* parseEvents({ body }: Response): AsyncGenerator<StreamedEvent> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield parseBlock(block);
  }
}

/** What the data of an event must be, by its name. */
const schemas: Readonly<Record<string, z.ZodType>> = {
  status: statusEventSchema,
  attempt: attemptEventSchema,
  webhook: webhookEventSchema,
  queue: queueSchema,
  progress: progressSchema,
  end: requestRecordSchema,
};

function parseBlock(block: string): StreamedEvent {
  const fields = block.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    return { name, value };
  });
  const find = (name: string) => fields.find((field) => field.name === name)?.value;
  const comment = find('');
  if (comment !== undefined) return { id: undefined, name: ':', data: comment };
  const event = { id: find('id'), name: find('event') ?? '', data: find('data') ?? '' };
  const schema = schemas[event.name];
  if (schema) assertJson(schema, event.data, `The event ${event.name} came`);
  return event;
}

/** Is it one of the events that are never left out or repeated? */
export function isDurable({ id, name }: StreamedEvent): boolean {
  return id !== undefined && name !== '';
}
