import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReverseProxy, sendBack } from './reverse-proxy.ts';

/** Pages of every origin may read what the line itself answers. */
const fromAnywhere = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };

/** What happens to the next call. */
type Trouble = 'refuse' | 'lose';

/**
 * A line to a server with troubles that a client requests on the line itself, even from a browser: `/line/cut` cuts
 * every call under way; `/line/refuse?times=2` answers the next submits with 503; `/line/lose?times=1` passes the next
 * submits to the server and loses the answers.
 */
export class TroubledLine extends ReverseProxy {
  readonly #open = new Set<ServerResponse>();
  readonly #troubles: Trouble[] = [];
  target = '';

  static async open(): Promise<TroubledLine> {
    const line = new TroubledLine();
    await line.listen();
    return line;
  }

  private constructor() {
    super();
  }

  protected override take(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/line/cut') {
      for (const open of this.#open) open.destroy();
      response.writeHead(200, fromAnywhere).end('{}');
    } else if (pathname === '/line/refuse' || pathname === '/line/lose') {
      const trouble = pathname === '/line/lose' ? 'lose' : 'refuse';
      this.#troubles.push(...Array<Trouble>(Number(searchParams.get('times'))).fill(trouble));
      response.writeHead(200, fromAnywhere).end('{}');
    } else this.#passOrTrouble(request, response, this.#nextTrouble(request));
  }

  #nextTrouble({ method, url }: IncomingMessage): Trouble | undefined {
    return method === 'POST' && url?.endsWith('/requests') ? this.#troubles.shift() : undefined;
  }

  #passOrTrouble(request: IncomingMessage, response: ServerResponse, trouble: Trouble | undefined): void {
    if (trouble === 'refuse') {
      request.resume();
      response.writeHead(503, { ...fromAnywhere, 'retry-after': '0' }).end('out of order');
      return;
    }
    this.#open.add(response);
    response.on('close', () => this.#open.delete(response));
    const onAnswer = trouble === 'lose' ? () => void response.destroy() : sendBack;
    this.pass(request, response, { target: this.target, onAnswer });
  }
}
