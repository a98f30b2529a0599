/** One block of a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface ServerSentEvent {
  readonly id?: string;
  /** `undefined` when the block has no data: it only tells an id, or how long to wait before coming again. */
  readonly data?: string;
  readonly event?: string;
  readonly retryMs?: number;
}

/** Reads a stream to its end. `onBytes` hears of everything that comes, signs of life included. */
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

async function* readLines(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<string> {
  // The last event of a request can be megabytes: its parts are joined once.
  let parts: string[] = [];
  for await (const text of readTexts(body)) {
    onBytes();
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      yield `${parts.join('')}${line}`.replace(/\r$/, '');
      parts = [];
    }
    parts.push(rest);
  }
}

/** By a reader, since not every browser iterates over streams. */
async function* readTexts(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    // Who has heard enough leaves in the middle; a stream that broke has nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

function addField(fields: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
  const before = name === 'data' ? fields.get('data') : undefined;
  // Without a name it is a comment.
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
