import { readBytes } from './read-bytes.ts';

/** Reads a stream to its end, line by line. `onBytes` is called for everything that arrives. */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => undefined,
): AsyncGenerator<string> {
  // The last event of a request can have megabytes, so its parts are joined only once.
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

async function* readTexts(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of readBytes(body)) yield decoder.decode(bytes, { stream: true });
}
