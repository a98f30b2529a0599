import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { listen } from './fakes/scripted-server.ts';

/** A message that was accepted, or that would have been accepted if the receiver had not misbehaved. */
export interface Received {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type Mood = 'take' | 'fail' | 'redirect' | 'hang' | 'drop' | 'gone';

/** A receiver of webhooks on the loopback, which verifies every signature before anything else. */
export class WebhookReceiver {
  readonly port: number;
  /** In order of arrival. */
  readonly taken: Received[] = [];
  readonly refused: Received[] = [];
  /** Things that should never happen: an invalid signature, a redirect that was followed. */
  readonly wrongs: string[] = [];
  /** By path: the secrets, one of which must verify. */
  readonly secrets = new Map<string, string[]>();
  mood: (message: Received) => Mood = () => 'take';
  #server: Server;
  #told = Promise.withResolvers<void>();

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    return new WebhookReceiver(server, await listen(server));
  }

  private constructor(server: Server, port: number) {
    this.port = port;
    this.#server = server;
    this.#answer(server);
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Resolves when `isSo` holds; it is checked after every message. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.#told.promise;
  }

  /** Breaks every connection; for a moment nothing listens. */
  async restart(): Promise<void> {
    await this.stop();
    this.#server = createServer();
    this.#answer(this.#server);
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(server: Server): void {
    server.on('request', (request, response) => {
      this.#receive(request, response).catch((error: unknown) => {
        if (!request.destroyed || request.complete) this.wrongs.push(String(error));
        response.destroy();
      });
    });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const path = request.url ?? '';
    if (path === '/elsewhere') this.wrongs.push('a redirect was followed');
    if (!this.#verifies(path, body, request)) this.wrongs.push(`a signature at ${path} does not hold`);
    const { type, data } = JSON.parse(body) as Pick<Received, 'type' | 'data'>; // verified: Darkroom's own message
    const message = { id: String(request.headers['webhook-id']), path, type, data };
    const mood = this.mood(message);
    (mood === 'take' ? this.taken : this.refused).push(message);
    this.#respond(response, mood);
    this.#told.resolve();
    this.#told = Promise.withResolvers<void>();
  }

  #verifies(path: string, body: string, { headers }: IncomingMessage): boolean {
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    return (this.secrets.get(path) ?? []).some((secret) => {
      try {
        new Webhook(secret).verify(body, signed);
        return true;
      } catch {
        return false;
      }
    });
  }

  #respond(response: ServerResponse, mood: Mood): void {
    switch (mood) {
      case 'take':
        response.writeHead(200).end('thank you');
        break;
      case 'fail':
        response.writeHead(500).end('out of order');
        break;
      case 'redirect':
        response.writeHead(302, { location: this.url('/elsewhere') }).end();
        break;
      case 'gone':
        response.writeHead(410).end();
        break;
      case 'drop':
        response.destroy();
        break;
      case 'hang':
        break;
    }
  }
}
