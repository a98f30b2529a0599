import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** A port that leads to another one until it is cut. Then connections break, and none can be made. */
export class CuttableLine {
  /** How long each piece of an answer is held back. */
  delayMs = 0;
  readonly #toPort: () => number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(toPort: () => number) {
    this.#toPort = toPort;
  }

  async mend(): Promise<void> {
    if (this.#server) return;
    const server = createServer((socket) => this.#join(socket));
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) this.port = address.port;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket): void {
    const far = connect(this.#toPort(), '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {}); // breaking connections is its purpose
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(this.#createBrake()).pipe(near);
  }

  #createBrake(): Transform {
    return new Transform({
      transform: (piece: Buffer, _encoding, done) => {
        const { delayMs } = this;
        if (delayMs === 0) done(null, piece);
        else void pause(delayMs).then(() => done(null, piece));
      },
    });
  }
}
