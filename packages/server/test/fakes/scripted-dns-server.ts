import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

/** The addresses of a name when it is asked for the nth time (from 1), or how the server fails. */
type Answerer = (times: number) => readonly string[] | 'servfail' | 'silence';

const types: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA' };
const rcodes = { ok: 0, servfail: 2, unknown: 3 } as const;

/**
 * A name server for tests: real DNS over UDP on the loopback, with the answers that each test gives. Other names do not
 * exist.
 */
export class ScriptedDnsServer {
  /** `address:port`, the form that resolvers use. */
  readonly address: string;
  /** All questions in order, e.g. `A pictures.test`. */
  readonly questions: string[] = [];
  readonly #socket: Socket;
  readonly #answerers = new Map<string, Answerer>();

  static async start(): Promise<ScriptedDnsServer> {
    const socket = createSocket('udp4');
    await once(socket.bind(0, '127.0.0.1'), 'listening');
    return new ScriptedDnsServer(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.address = `127.0.0.1:${socket.address().port}`;
    socket.on('message', (message, { port, address }) => {
      const answer = this.#answer(message);
      if (answer) socket.send(answer, port, address);
    });
  }

  answer(name: string, answerer: Answerer | readonly string[]): void {
    this.#answerers.set(name, typeof answerer === 'function' ? answerer : () => answerer);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #answer(message: Buffer): Buffer | undefined {
    const { name, type, end } = readQuestion(message);
    const asked = `${types[type]} ${name}`;
    this.questions.push(asked);
    const times = this.questions.filter((question) => question === asked).length;
    const result = this.#answerers.get(name)?.(times);
    if (result === 'silence') return undefined;
    const question = message.subarray(12, end);
    const id = message.readUInt16BE(0);
    if (result === undefined) return encode({ id, question, rcode: rcodes.unknown, records: [] });
    if (result === 'servfail') return encode({ id, question, rcode: rcodes.servfail, records: [] });
    const fitting = result.filter((address) => (isIPv4(address) ? 'A' : 'AAAA') === types[type]);
    return encode({ id, question, rcode: rcodes.ok, records: fitting.map((address) => toRecord(address, type)) });
  }
}

function readQuestion(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

interface DnsAnswer {
  readonly id: number;
  readonly question: Buffer;
  readonly rcode: number;
  readonly records: readonly Buffer[];
}

function encode({ id, question, rcode, records }: DnsAnswer): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x8180 | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

/** Its name is a pointer to the question's. */
function toRecord(address: string, type: number): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : toIpv6Bytes(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function toIpv6Bytes(address: string): Buffer {
  // A URL also writes the last 32 bits in hexadecimal.
  const [left = [], right = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
