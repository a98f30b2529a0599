import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as openRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to the next call. */
type Trouble = 'refuse' | 'lose';

/**
 * A line to a server with troubles that a client requests on the line itself, even from a browser: `/line/cut` cuts
 * every call under way; `/line/refuse?times=2` answers the next submits with 503; `/line/lose?times=1` passes the next
 * submits to the server and loses the answers.
 */
export class TroubledLine {
  readonly #server: Server;
  readonly #open = new Set<ServerResponse>();
  readonly #troubles: Trouble[] = [];
  target = '';

  private constructor() {
    this.#server = createServer((request, response) => this.#take(request, response));
  }

  static async open(): Promise<TroubledLine> {
    const line = new TroubledLine();
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
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

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/line/cut') {
      for (const open of this.#open) open.destroy();
      response.end('{}');
    } else if (pathname === '/line/refuse' || pathname === '/line/lose') {
      const trouble = pathname === '/line/lose' ? 'lose' : 'refuse';
      this.#troubles.push(...Array<Trouble>(Number(searchParams.get('times'))).fill(trouble));
      response.end('{}');
    } else this.#pass(request, response, this.#nextTrouble(request));
  }

  #nextTrouble({ method, url }: IncomingMessage): Trouble | undefined {
    return method === 'POST' && url?.endsWith('/requests') ? this.#troubles.shift() : undefined;
  }

  #pass(request: IncomingMessage, response: ServerResponse, trouble: Trouble | undefined): void {
    if (trouble === 'refuse') {
      request.resume();
      response.writeHead(503, { 'retry-after': '0' }).end('out of order');
      return;
    }
    const { method, url, headers } = request;
    const onward = openRequest(new URL(url ?? '/', this.target), { method, headers }, (answer) => {
      if (trouble === 'lose') {
        response.destroy();
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    this.#open.add(response);
    response.on('close', () => {
      this.#open.delete(response);
      onward.destroy();
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
