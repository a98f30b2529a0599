import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** Listens, and then takes no connection: its thread is busy for good. */
const script = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ ...workerData, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** An address of the loopback that never answers, as behind a broken path: its backlog is full, so that SYNs are dropped. */
export class SilentAddress {
  readonly host: string;
  readonly #worker: Worker;
  readonly #fillers: readonly Socket[];

  static async start(host: string, port: number): Promise<SilentAddress> {
    const worker = new Worker(script, { eval: true, workerData: { host, port } });
    await once(worker, 'message');
    const fillers = Array.from({ length: 4 }, () => connect(port, host).on('error', () => {}));
    await Promise.race(fillers.map((socket) => once(socket, 'connect')));
    return new SilentAddress(host, worker, fillers);
  }

  private constructor(host: string, worker: Worker, fillers: readonly Socket[]) {
    this.host = host;
    this.#worker = worker;
    this.#fillers = fillers;
  }

  async close(): Promise<void> {
    for (const socket of this.#fillers) socket.destroy();
    await this.#worker.terminate();
  }
}
