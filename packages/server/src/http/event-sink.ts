import type { FastifyReply } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import type { AnswerBody } from './sockets/bare-answer.ts';
import { openAnswer } from './sockets/open-answer.ts';

/** In characters. The socket gets one piece at a time, and the next one when it has accepted the one before. */
const pieceSize = 64 * 1024;
/** A client that reads nothing for this time is cut off. */
const patienceMs = 10_000;
const heartbeatMs = 15_000;
/** Without a reason of ours, each abort would make an error with its stack. A crowd of streams ends at once. */
const over = 'The stream is over.';

/** How many characters may wait for a client that is behind, beyond those that its socket has. */
const maxBacklog = 256 * 1024;

type Text = string | AsyncIterable<string>;

/**
 * One open stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). At most one piece
 * beyond the buffer of its socket waits for a slow client. A client that reads nothing is cut off, and can reconnect with the
 * last id that it has.
 */
export class EventSink {
  readonly #body: AnswerBody;
  readonly #clock: Clock;
  #isOver = false;
  /** Made for those that ask: a crowd of streams does without. */
  #signal: AbortController | undefined;
  #isWriting = false;
  /** What was pushed while the client was behind. */
  #backlog: Text[] | undefined;
  #backlogLength = 0;
  #endsWithBacklog = false;
  #unsent = '';
  #flushing: NodeJS.Immediate | undefined;
  #lastWriteAt: number;

  constructor(reply: FastifyReply, clock: Clock, open = openAnswer) {
    this.#clock = clock;
    this.#lastWriteAt = clock.now();
    this.#body = open(reply, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies like nginx would otherwise hold events back.
      'x-accel-buffering': 'no',
    });
    if (this.#body.destroyed) this.#finish();
    else this.onOver(() => this.#finish());
  }

  /** Calls the listener when the answer is over: it has ended, or the client is gone. */
  onOver(listener: () => void): void {
    this.#body.once('close', listener);
  }

  /** Has the stream ended, or is the client gone? */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Aborts when the stream is over. */
  get signal(): AbortSignal {
    this.#signal ??= new AbortController();
    if (this.#isOver) this.#signal.abort(over);
    return this.#signal.signal;
  }

  /** Resolves when the client's socket has accepted everything except the last piece, or the client is gone. */
  async write(...texts: readonly Text[]): Promise<void> {
    this.#isWriting = true;
    for (const text of texts) {
      for await (const part of typeof text === 'string' ? [text] : text) {
        if (this.#isOver) return;
        await this.#writePart(part);
      }
    }
    this.#isWriting = false;
  }

  /** Writes the texts when the client has read what comes before. A client that leaves too much unread is cut off. */
  push(...texts: readonly Text[]): void {
    for (const text of texts) {
      if (this.#isOver) return;
      if (this.#fits(text)) this.#send(text);
      else this.#keep(text);
    }
  }

  /** Ends the stream after these texts, and after those that were pushed before. */
  pushLast(...texts: readonly Text[]): void {
    const [text] = texts;
    if (texts.length === 1 && text !== undefined && this.#fits(text)) {
      this.#end(text);
      return;
    }
    this.push(...texts);
    if (this.#backlog) this.#endsWithBacklog = true;
    else this.end();
  }

  /** Writes a text that may be left out: it is written only when the client has read everything before it. */
  offer(text: string): void {
    if (!this.isBusy) this.#send(text);
  }

  get isBusy(): boolean {
    return this.#isWriting || this.#isOver || this.#body.writableNeedDrain;
  }

  /** Shows the client, and every proxy in between, that a silent stream is alive. */
  beat(now: number): void {
    if (now - this.#lastWriteAt >= heartbeatMs) this.offer(': alive\n\n');
  }

  end(): void {
    this.#end('');
  }

  cutOff(): void {
    this.#finish();
    this.#takeUnsent();
    this.#body.destroy();
  }

  #end(text: string): void {
    this.#finish();
    const unsent = this.#takeUnsent();
    if (!this.#body.destroyed) this.#body.end(unsent + text);
  }

  /** May it be written at once, and whole? */
  #fits(text: Text): text is string {
    return typeof text === 'string' && text.length < pieceSize && !this.#backlog && !this.isBusy;
  }

  #finish(): void {
    this.#isOver = true;
    this.#backlog = undefined;
    this.#signal?.abort(over);
  }

  #keep(text: Text): void {
    if (this.#backlogLength > maxBacklog) {
      this.cutOff();
      return;
    }
    if (typeof text === 'string') this.#backlogLength += text.length;
    if (this.#backlog) {
      this.#backlog.push(text);
      return;
    }
    this.#backlog = [text];
    this.#writeBacklog(this.#backlog).catch(() => this.cutOff());
  }

  async #writeBacklog(backlog: Text[]): Promise<void> {
    for (let text = backlog.shift(); text !== undefined && !this.#isOver; text = backlog.shift()) {
      if (typeof text === 'string') this.#backlogLength -= text.length;
      await this.write(text);
    }
    if (this.#isOver) return;
    this.#backlog = undefined;
    if (this.#endsWithBacklog) this.end();
  }

  async #writePart(text: string): Promise<void> {
    for (let at = 0; at < text.length && !this.#isOver; at += pieceSize) {
      this.#send(text.slice(at, at + pieceSize));
      if (this.#body.writableNeedDrain) await this.#drain();
    }
  }

  /** What is written in one turn of the event loop goes to the socket together: an event, the record that follows it, and the end. */
  #send(text: string): void {
    if (this.#body.destroyed) return;
    this.#lastWriteAt = this.#clock.now();
    this.#unsent += text;
    if (this.#unsent.length >= pieceSize) this.#flush();
    else this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    const text = this.#takeUnsent();
    if (text !== '' && !this.#body.destroyed) this.#body.write(text);
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
    const { signal } = this;
    this.#body.once('drain', onDrain);
    signal.addEventListener('abort', onDrain);
    await this.#clock.sleep(patienceMs, drained.signal);
    this.#body.off('drain', onDrain);
    signal.removeEventListener('abort', onDrain);
    if (!drained.signal.aborted) this.cutOff();
  }
}
