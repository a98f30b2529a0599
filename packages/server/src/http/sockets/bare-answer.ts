import type { Socket } from 'node:net';
import { give, keepForLater, type Owner } from './connection.ts';

/** How an answer goes on whose head is sent: over Node's HTTP server, or without it. */
export interface AnswerBody {
  readonly destroyed: boolean;
  readonly writableNeedDrain: boolean;
  write(text: string): boolean;
  /** The last piece, which may be empty. */
  end(text: string): unknown;
  destroy(): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
}

const lastChunk = '0\r\n\r\n';

/**
 * The body of an answer whose head is sent, with chunked transfer coding (https://www.rfc-editor.org/rfc/rfc9112#section-7.1). It has
 * left Node's HTTP server: nothing of the call is kept but its socket.
 */
export class BareAnswer implements AnswerBody, Owner {
  readonly #socket: Socket;
  readonly #listeners: ((isWhole: boolean) => void)[] = [];
  #isOver = false;

  /** A client that accepts no byte for this time, while there are some for it, is cut off. */
  constructor(socket: Socket, stalledMs: number) {
    this.#socket = socket;
    give(socket, this);
    socket.setTimeout(stalledMs);
  }

  /** It is over, for whichever reason. */
  get destroyed(): boolean {
    return this.#isOver || this.#socket.destroyed;
  }

  get writableNeedDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(text: string): boolean {
    return this.#socket.write(encode(text));
  }

  end(text: string): void {
    if (this.destroyed) return;
    this.#socket.write(text === '' ? lastChunk : encode(text, lastChunk));
    this.#finish(true);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  once(event: 'drain' | 'close', listener: () => void): void {
    if (event === 'drain') this.#socket.once('drain', listener);
    else this.onceOver(listener);
  }

  off(event: 'drain', listener: () => void): void {
    this.#socket.off(event, listener);
  }

  /** The listener hears whether the answer was sent to its end. Then the connection may have another call. */
  onceOver(listener: (isWhole: boolean) => void): void {
    this.#listeners.push(listener);
  }

  data(socket: Socket, data: Buffer): void {
    keepForLater(socket, data);
  }

  /** As Node's HTTP server does it: a client that ends its side has gone. */
  halfClose(): void {
    this.#socket.destroy();
  }

  timeOut(): void {
    if (this.#socket.writableLength > 0) this.#socket.destroy();
  }

  close(): void {
    this.#finish(false);
  }

  #finish(isWhole: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const listener of this.#listeners) listener(isWhole);
  }
}

/** A crowd is told the same text, and ends with the same: each is encoded once. */
let known: { readonly text: string; readonly tail: string; readonly bytes: Buffer } | undefined;

/** The text as a chunk, with what follows it. */
function encode(text: string, tail = ''): Buffer {
  if (known?.text !== text || known.tail !== tail) {
    const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    known = { text, tail, bytes: Buffer.from(chunk + tail) };
  }
  return known.bytes;
}
