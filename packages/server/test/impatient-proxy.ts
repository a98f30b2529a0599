import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as openRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reverse proxy that cuts answers which are silent for too long, as those of content networks do after 60 to 125 seconds. */
export class ImpatientProxy {
  readonly #server: Server;
  readonly #silentMs: number;
  readonly #target: string;
  /** How many answers it has cut. */
  cuts = 0;

  static async open(target: string, silentMs: number): Promise<ImpatientProxy> {
    const proxy = new ImpatientProxy(target, silentMs);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(target: string, silentMs: number) {
    this.#target = target;
    this.#silentMs = silentMs;
    this.#server = createServer((request, response) => this.#pass(request, response));
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

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const timer = setTimeout(() => {
      this.cuts += 1;
      response.destroy();
    }, this.#silentMs);
    const onward = openRequest(new URL(url ?? '/', this.#target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', () => timer.refresh()).pipe(response);
    });
    response.on('close', () => {
      clearTimeout(timer);
      onward.destroy();
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
