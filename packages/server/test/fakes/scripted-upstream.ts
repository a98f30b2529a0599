import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the upstream received in one call. */
export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How the upstream answers one call. */
export type Answerer = (response: ServerResponse, call: ReceivedCall) => void;

/** An upstream for tests: a real HTTP server on the loopback with the answers that each test gives. */
export class ScriptedUpstream {
  readonly url: string;
  /** All calls in order. */
  readonly received: ReceivedCall[] = [];
  /** How many connections were made. */
  connections = 0;
  readonly #server: Server;
  #answer: Answerer = (response) => response.destroy();
  #onCall = (): void => {};

  static async start(): Promise<ScriptedUpstream> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new ScriptedUpstream(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
    server.on('connection', () => {
      this.connections += 1;
    });
    server.on('request', (request, response) => void this.#receive(request, response));
  }

  /** Answers every call in this way from now on. */
  answer(answer: Answerer): void {
    this.#answer = answer;
  }

  answerJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.answerBody(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  }

  answerBody(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.answer((response) => response.writeHead(status, headers).end(body));
  }

  /** Resolves when this many calls have been received, and answered as far as they will be. */
  async untilCalls(count: number): Promise<void> {
    while (this.received.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onCall = resolve;
      await promise;
    }
  }

  /** Closes every connection; closing again does nothing. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = await request.toArray().catch(() => []);
    const { method = '', url: path = '', headers } = request;
    const call = { method, path, headers, body: Buffer.concat(chunks).toString() };
    this.#answer(response, call);
    this.received.push(call);
    this.#onCall();
  }
}
