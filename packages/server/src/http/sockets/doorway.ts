import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { BareAnswer } from './bare-answer.ts';
import { CallSocket } from './call-socket.ts';
import { give, giveAway, keepForLater, type Owner } from './connection.ts';

type Serve = (this: Server, socket: Socket | CallSocket) => void;

/** A head is one piece of this size at most, or its call takes the usual way. */
const maxHeadBytes = 8 * 1024;
const headEnd = '\r\n\r\n';

/**
 * Where connections wait for their next call. A call that asks for an event stream comes to the HTTP server through a `CallSocket`, so
 * that its answer can leave the server (`leaveServer`) and costs no more memory than its socket; then the connection comes back here. Any
 * other call takes its connection to the HTTP server for good, as if there were no doorway. Which way a call takes is a matter of memory
 * only.
 */
export class Doorway implements Owner {
  readonly #server: Server;
  readonly #stalledMs: number;
  readonly #serve: Serve;
  /** The connections without a call. `true`: they had one before. */
  readonly #waiting = new Map<Socket, boolean>();
  readonly #answers = new Set<BareAnswer>();

  constructor(server: Server, stalledMs: number) {
    this.#server = server;
    this.#stalledMs = stalledMs;
    const [serve] = server.listeners('connection') as [Serve]; // Node's own, the only one of a new server
    this.#serve = serve;
    server.off('connection', serve);
    server.on('connection', (socket: Socket) => this.#wait(socket, false));
    server.prependListener('request', (request, response) => this.#bringBack(request, response));
    const { closeIdleConnections, closeAllConnections } = server;
    server.closeIdleConnections = () => {
      closeIdleConnections.call(server);
      for (const [socket, isIdle] of this.#waiting) if (isIdle) socket.destroy();
    };
    server.closeAllConnections = () => {
      closeAllConnections.call(server);
      for (const socket of this.#waiting.keys()) socket.destroy();
      for (const answer of this.#answers) answer.destroy();
    };
  }

  /** Takes the answer of a call from the HTTP server, once its head is sent; `undefined`: it has to stay. */
  leaveServer(response: ServerResponse): BareAnswer | undefined {
    const socket: unknown = response.socket;
    const isKept = response.getHeader('connection') !== 'close';
    if (!isKept || !(socket instanceof CallSocket) || socket.destroyed) return undefined;
    const released = socket.release();
    if (!released) return undefined;
    const answer = new BareAnswer(released, this.#stalledMs);
    this.#answers.add(answer);
    answer.onceOver((isWhole) => {
      this.#answers.delete(answer);
      if (isWhole) this.#wait(released, true);
    });
    // The server ends what it knows of the call; none of this is sent.
    response.once('finish', () => socket.destroy());
    response.end();
    return answer;
  }

  data(socket: Socket, data: Buffer): void {
    this.#forget(socket);
    if (asksForStream(data)) {
      this.#serve.call(this.#server, new CallSocket(socket, data));
      return;
    }
    keepForLater(socket, data);
    giveAway(socket);
    this.#serve.call(this.#server, socket);
    process.nextTick(() => socket.resume());
  }

  halfClose(socket: Socket): void {
    socket.destroy();
  }

  timeOut(socket: Socket): void {
    socket.destroy();
  }

  close(socket: Socket): void {
    this.#waiting.delete(socket);
  }

  /** Waits for a call on the connection. */
  #wait(socket: Socket, isIdle: boolean): void {
    give(socket, this);
    if (isIdle && !this.#server.listening) {
      socket.destroySoon();
      return;
    }
    this.#waiting.set(socket, isIdle);
    socket.setTimeout(isIdle ? this.#server.keepAliveTimeout : this.#server.headersTimeout);
    socket.resume();
  }

  #forget(socket: Socket): void {
    this.#waiting.delete(socket);
    socket.setTimeout(0);
  }

  /** Connections of calls whose answer did not leave come back when it is sent. */
  #bringBack({ socket }: IncomingMessage, response: ServerResponse): void {
    const given: unknown = socket;
    if (!(given instanceof CallSocket)) return;
    response.once('finish', () => {
      // Node has ended a connection that is not to be kept.
      const released = given.writableEnded || given.destroyed ? undefined : given.release();
      if (!released) return;
      given.destroy();
      this.#wait(released, true);
    });
  }
}

/**
 * Is this the whole head of one call for an event stream, over a connection that is to be kept, and nothing else? By its address, since
 * many clients do not say what they accept.
 */
export function asksForStream(data: Buffer): boolean {
  if (data.length > maxHeadBytes || data.toString('latin1', 0, 4) !== 'GET ') return false;
  const head = data.toString('latin1');
  return head.indexOf(headEnd) === head.length - headEnd.length && streamLine.test(head) && !other.test(head);
}

const streamLine = /^GET [^ ?]*\/events(?:\?[^ ]*)? HTTP\/1\.1\r\n/;
/** Headers of calls that bring something, or whose connection becomes something else, or ends. */
const other = /\r\n(?:content-length|transfer-encoding|upgrade|expect|connection:(?! *keep-alive *\r\n))/i;
