import { readLines } from './read-lines.ts';

/** One block of a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface ServerSentEvent {
  readonly id?: string;
  /** `undefined` when the block has no data, only an id or how long to wait before reconnecting. */
  readonly data?: string;
  readonly event?: string;
  readonly retryMs?: number;
}

/** Reads a stream to its end. `onBytes` is called for everything that arrives, including keep-alive comments. */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let fields = new Map<string, string>();
  for await (const line of readLines(body, onBytes)) {
    if (line === '') {
      if (fields.size > 0) yield toEvent(fields);
      fields = new Map();
    } else addField(fields, line);
  }
}

function addField(fields: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
  const before = name === 'data' ? fields.get('data') : undefined;
  // A line without a name is a comment.
  if (name !== '') fields.set(name, before === undefined ? value : `${before}\n${value}`);
}

function toEvent(fields: ReadonlyMap<string, string>): ServerSentEvent {
  const [id, data, event, retry] = ['id', 'data', 'event', 'retry'].map((name) => fields.get(name));
  return {
    ...(id !== undefined && { id }),
    ...(data !== undefined && { data }),
    ...(event !== undefined && { event }),
    ...(retry !== undefined && /^\d+$/.test(retry) && { retryMs: Number(retry) }),
  };
}
