import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Clock } from '../platform/clock.ts';

/** In characters. The socket gets one piece at a time, and the next one when it has accepted the one before. */
const pieceSize = 64 * 1024;
/** A client that reads nothing for this time is cut off. */
const patienceMs = 10_000;
const heartbeatMs = 15_000;
/** Without a reason of ours, each abort would make an error with its stack. A crowd of streams ends at once. */
const over = 'The stream is over.';

/**
 * One open stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). At most one piece
 * beyond the buffer of its socket waits for a slow client. A client that reads nothing is cut off, and can reconnect with the
 * last id that it has.
 */
export class EventSink {
  readonly #raw: FastifyReply['raw'];
  readonly #clock: Clock;
  readonly #over = new AbortController();
  #isWriting = false;
  #unsent = '';
  #flushing: NodeJS.Immediate | undefined;
  #lastWriteAt: number;

  constructor(reply: FastifyReply, clock: Clock) {
    this.#raw = reply.raw;
    this.#clock = clock;
    this.#lastWriteAt = clock.now();
    if (reply.raw.destroyed) this.#over.abort(over);
    reply.raw.once('close', () => this.#over.abort(over));
    reply.hijack();
    const before = reply.getHeaders() as OutgoingHttpHeaders; // Fastify's own type also allows headers that only requests have
    reply.raw.writeHead(200, {
      ...before,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies like nginx would otherwise hold events back.
      'x-accel-buffering': 'no',
    });
    // At once: a client or a proxy may not wait for the first event.
    reply.raw.flushHeaders();
  }

  /** Aborts when the client is gone. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when the client's socket has accepted everything except the last piece, or the client is gone. */
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

  /** Writes a text that may be left out: it is written only when the client has read everything before it. */
  offer(text: string): void {
    if (!this.isBusy) this.#send(text);
  }

  get isBusy(): boolean {
    return this.#isWriting || this.signal.aborted || this.#raw.writableNeedDrain;
  }

  /** Shows the client, and every proxy in between, that a silent stream is alive. */
  beat(now: number): void {
    if (now - this.#lastWriteAt >= heartbeatMs) this.offer(': alive\n\n');
  }

  end(): void {
    this.#over.abort(over);
    const text = this.#takeUnsent();
    if (!this.#raw.destroyed) this.#raw.end(text);
  }

  cutOff(): void {
    this.#over.abort(over);
    this.#takeUnsent();
    this.#raw.destroy();
  }

  async #writePart(text: string): Promise<void> {
    for (let at = 0; at < text.length && !this.signal.aborted; at += pieceSize) {
      this.#send(text.slice(at, at + pieceSize));
      if (this.#raw.writableNeedDrain) await this.#drain();
    }
  }

  /** What is written in one turn of the event loop goes to the socket together: an event, the record that follows it, and the end. */
  #send(text: string): void {
    if (this.#raw.destroyed) return;
    this.#lastWriteAt = this.#clock.now();
    this.#unsent += text;
    if (this.#unsent.length >= pieceSize) this.#flush();
    else this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    const text = this.#takeUnsent();
    if (text !== '' && !this.#raw.destroyed) this.#raw.write(text);
  }

  #takeUnsent(): string {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const text = this.#unsent;
    this.#unsent = '';
    return text;
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
