import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReverseProxy, sendBack } from './reverse-proxy.ts';

/** A reverse proxy that cuts answers which are silent for too long, as those of content networks do after 60 to 125 seconds. */
export class ImpatientProxy extends ReverseProxy {
  readonly #silentMs: number;
  readonly #target: string;
  /** How many answers it has cut. */
  cuts = 0;

  static async open(target: string, silentMs: number): Promise<ImpatientProxy> {
    const proxy = new ImpatientProxy(target, silentMs);
    await proxy.listen();
    return proxy;
  }

  private constructor(target: string, silentMs: number) {
    super();
    this.#target = target;
    this.#silentMs = silentMs;
  }

  protected override take(request: IncomingMessage, response: ServerResponse): void {
    const timer = setTimeout(() => {
      this.cuts += 1;
      response.destroy();
    }, this.#silentMs);
    response.on('close', () => clearTimeout(timer));
    this.pass(request, response, {
      target: this.#target,
      onAnswer: (answer) => {
        answer.on('data', () => timer.refresh());
        sendBack(answer, response);
      },
    });
  }
}
