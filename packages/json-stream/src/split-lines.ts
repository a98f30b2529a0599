/**
 * The lines of a body as bodies, without their line breaks; empty ones are left out. Each line must be read, or left, before the next one
 * is asked for. No line is ever held whole.
 */
export async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const pieces = splitPieces(body)[Symbol.asyncIterator]();
  try {
    for (let first = await pieces.next(); !first.done; first = await pieces.next()) {
      if (first.value === lineBreak) continue;
      const line = new Line(first.value, pieces);
      yield line;
      await line.skip();
    }
  } finally {
    await pieces.return(undefined);
  }
}

const lineBreak = Symbol('line break');
type Piece = Uint8Array | typeof lineBreak;
const newline = 0x0a;

async function* splitPieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Piece, undefined> {
  for await (const chunk of body) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      if (at > from) yield chunk.subarray(from, at);
      yield lineBreak;
      from = at + 1;
    }
    if (from < chunk.length) yield chunk.subarray(from);
  }
}

class Line implements AsyncIterable<Uint8Array> {
  #next: Uint8Array | undefined;
  readonly #pieces: AsyncGenerator<Piece, undefined>;
  #isRead = false;

  constructor(first: Uint8Array, pieces: AsyncGenerator<Piece, undefined>) {
    this.#next = first;
    this.#pieces = pieces;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#take() };
  }

  /** Reads what its reader has left. */
  async skip(): Promise<void> {
    while (!(await this.#take()).done);
  }

  async #take(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#next ?? (this.#isRead ? lineBreak : (await this.#pieces.next()).value);
    this.#next = undefined;
    if (value !== undefined && value !== lineBreak) return { done: false, value };
    this.#isRead = true;
    return { done: true, value: undefined };
  }
}
