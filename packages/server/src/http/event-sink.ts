import type { FastifyReply } from 'fastify';
import type { Clock } from '../platform/clock.ts';

/** Characters: so much at a time is given to the socket, which must have taken the piece before. */
const pieceSize = 64 * 1024;
/** Who takes nothing for so long is cut off. */
const patienceMs = 10_000;
const heartbeatMs = 15_000;

/**
 * One open stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). What waits for a
 * slow client is never more than a piece beyond the buffer of its socket; a client that takes nothing is cut off, and can
 * come again with the last id that it has.
 */
export class EventSink {
  readonly #raw: FastifyReply['raw'];
  readonly #clock: Clock;
  readonly #over = new AbortController();
  #isWriting = false;
  #lastWriteAt: number;

  constructor(reply: FastifyReply, clock: Clock) {
    this.#raw = reply.raw;
    this.#clock = clock;
    this.#lastWriteAt = clock.now();
    if (reply.raw.destroyed) this.#over.abort();
    reply.raw.once('close', () => this.#over.abort());
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies of the nginx family would keep events back.
      'x-accel-buffering': 'no',
    });
  }

  /** Aborts when there is nobody to write to any more. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when the client's socket has taken it, or the client is gone. */
  async write(...texts: readonly (string | AsyncIterable<string>)[]): Promise<void> {
    this.#isWriting = true;
    for (const text of texts) {
      for await (const part of typeof text === 'string' ? [text] : text) {
        if (this.signal.aborted) return;
        await this.#writePart(part);
      }
    }
    this.#isWriting = false;
  }

  /** Writes what may as well be left out: only when everything before has been taken. */
  offer(text: string): void {
    if (!this.isBusy) this.#send(text);
  }

  get isBusy(): boolean {
    return this.#isWriting || this.signal.aborted || this.#raw.writableNeedDrain;
  }

  /** Lets the client, and everybody between, know that the stream is alive, when it has been silent for a while. */
  beat(now: number): void {
    if (now - this.#lastWriteAt >= heartbeatMs) this.offer(': alive\n\n');
  }

  end(): void {
    this.#over.abort();
    if (!this.#raw.destroyed) this.#raw.end();
  }

  cutOff(): void {
    this.#over.abort();
    this.#raw.destroy();
  }

  async #writePart(text: string): Promise<void> {
    for (let at = 0; at < text.length && !this.signal.aborted; at += pieceSize) {
      this.#send(text.slice(at, at + pieceSize));
      if (this.#raw.writableNeedDrain) await this.#drain();
    }
  }

  #send(text: string): void {
    if (this.#raw.destroyed) return;
    this.#lastWriteAt = this.#clock.now();
    this.#raw.write(text);
  }

  async #drain(): Promise<void> {
    const drained = new AbortController();
    const onDrain = () => drained.abort();
    this.#raw.once('drain', onDrain);
    this.signal.addEventListener('abort', onDrain);
    await this.#clock.sleep(patienceMs, drained.signal);
    this.#raw.off('drain', onDrain);
    this.signal.removeEventListener('abort', onDrain);
    if (!drained.signal.aborted) this.cutOff();
  }
}
