import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { give, keepForLater, type Owner } from './connection.ts';

type Done = (error?: Error | null) => void;

/**
 * A connection as Node's HTTP server sees it, for one call whose head has arrived complete and which has no body. The server reads
 * this head and nothing else. What the client sends ahead stays in its socket. So the connection can be taken from the server between two
 * messages, without a byte lost.
 */
export class CallSocket extends Duplex {
  #socket: Socket | undefined;
  #onDrain: Done | undefined;

  constructor(socket: Socket, head: Buffer) {
    super({ allowHalfOpen: true, decodeStrings: false });
    this.#socket = socket;
    give(socket, this.#owner);
    this.push(head);
  }

  /** Takes the connection from the HTTP server, which may believe that its answer goes on or ends: no byte of that is sent. */
  release(): Socket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.setTimeout(0);
    this.#drain();
    return socket;
  }

  // What HTTP and Fastify ask a socket for.

  get remoteAddress(): string | undefined {
    return this.#socket?.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket?.remotePort;
  }

  readonly setTimeout = (timeoutMs: number, onTimeout?: () => void): this => {
    this.#socket?.setTimeout(timeoutMs);
    if (onTimeout) this.once('timeout', onTimeout);
    return this;
  };

  /** Ends the connection when everything is sent. */
  destroySoon(): void {
    this.end(() => this.#socket?.destroySoon());
  }

  override _read(): void {}

  override _write(data: string | Buffer, encoding: BufferEncoding, done: Done): void {
    if (!this.#socket || this.#socket.write(data, encoding)) done();
    else this.#onDrain = done;
  }

  override _final(done: Done): void {
    this.#socket?.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket?.destroy();
    done(error);
  }

  /** Hears of the connection until it is released. */
  get #owner(): Owner {
    return {
      data: keepForLater,
      drain: () => this.#drain(),
      halfClose: () => void this.push(null),
      timeOut: () => void this.emit('timeout'),
      fail: (error) => void this.destroy(error),
      close: () => void this.destroy(),
    };
  }

  #drain(): void {
    const done = this.#onDrain;
    this.#onDrain = undefined;
    done?.();
  }
}
