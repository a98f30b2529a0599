import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy for tests: real tunnels and forwarded calls, to the ports of this machine that each test gives its names. */
export class ForwardProxy {
  readonly url: string;
  /** In order: `CONNECT hooks.test:443`, `POST http://hooks.test/path`. */
  readonly calls: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** What it answers to the next tunnels instead of making them. */
  refusal: string | undefined;
  readonly #server: Server;
  readonly #ports = new Map<string, number>();
  readonly #sockets = new Set<Duplex>();

  static async start(): Promise<ForwardProxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new ForwardProxy(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    // A server that listens on a port has such an address.
    this.url = `http://operator:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket: Socket) => this.#sockets.add(socket));
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => this.#forward(incoming, outgoing));
    server.on('connect', (incoming: IncomingMessage, socket: Duplex) => this.#tunnel(incoming, socket));
  }

  /** Names that only this proxy knows. */
  lead(host: string, port: number): void {
    this.#ports.set(host, port);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #note({ method, url, headers }: IncomingMessage): void {
    this.calls.push(`${method} ${url}`);
    this.authorizations.push(headers['proxy-authorization']);
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#note(incoming);
    const { hostname, pathname, search } = new URL(incoming.url ?? '');
    const { method, headers } = incoming;
    const port = this.#ports.get(hostname);
    if (port === undefined) return void outgoing.writeHead(502).end();
    const onward = request({ host: '127.0.0.1', port, path: pathname + search, method, headers });
    onward.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 0, response.headers);
      response.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  #tunnel(incoming: IncomingMessage, socket: Duplex): void {
    this.#note(incoming);
    socket.on('error', () => {});
    const [, host = ''] = /^(.*):\d+$/.exec(incoming.url ?? '') ?? [];
    const port = this.#ports.get(host);
    if (this.refusal !== undefined || port === undefined)
      return void socket.end(`HTTP/1.1 ${this.refusal ?? '502 Bad Gateway'}\r\n\r\n`);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    this.#sockets.add(onward);
    onward.on('error', () => socket.destroy());
  }
}
