import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Server as NetServer } from 'node:net';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A web server for tests, on the loopback: it gives the answers of each test, and records the requests. */
export class ScriptedServer {
  readonly port: number;
  readonly origin: string;
  readonly requests: IncomingMessage[] = [];
  connections = 0;
  readonly #server: Server;
  #answer: Answer = (response) => response.destroy();

  static async start(): Promise<ScriptedServer> {
    const server = createServer();
    return new ScriptedServer(server, await listen(server));
  }

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    this.origin = `http://127.0.0.1:${port}`;
    server.on('connection', () => {
      this.connections += 1;
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push(request);
      this.#answer(response, request);
    });
  }

  answer(answer: Answer): void {
    this.#answer = answer;
  }

  answerBody(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
    this.answer((response) => response.writeHead(200, headers).end(body));
  }

  /** Resolves when the next request has arrived. */
  async untilRequest(): Promise<void> {
    await once(this.#server, 'request');
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

/** Makes the server listen on any free port of `host`; returns the port. */
export async function listen(server: NetServer, host = '127.0.0.1'): Promise<number> {
  await once(server.listen(0, host), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}
