import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as openRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reverse proxy on the loopback, whose kinds decide what happens on the way. */
export abstract class ReverseProxy {
  readonly #server: Server;

  protected constructor() {
    this.#server = createServer((request, response) => this.take(request, response));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens on a port
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  protected async listen(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  protected abstract take(request: IncomingMessage, response: ServerResponse): void;

  /** Passes a call on to the target, and its answer to `onAnswer`. When either side breaks, so does the other. */
  protected pass(
    request: IncomingMessage,
    response: ServerResponse,
    { target, onAnswer = sendBack }: { readonly target: string; readonly onAnswer?: typeof sendBack },
  ): void {
    const { method, url, headers } = request;
    const options = { method, headers };
    const onward = openRequest(new URL(url ?? '/', target), options, (answer) => onAnswer(answer, response));
    response.on('close', () => onward.destroy());
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}

export function sendBack(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}
