import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { housePrefix } from '../../src/http/prefixes.ts';

/** The target of the attacks, and how long they last. The parent process sends it as JSON. */
export interface Target {
  readonly url: string;
  /** A key of the attackers' organization. */
  readonly key: string;
  /** A second key of the same organization, to be revoked while it listens. */
  readonly revokedKey: string;
  readonly adminKey: string;
  readonly endsAt: number;
  /** How many connections of each kind are held open at the same time. */
  readonly lines: number;
}

/** How often each answer came, by its status; `cut` when a connection ended without one. */
export type Answers = Record<string, number>;

/** One way to hurt everybody with one key. Ends by itself at `endsAt`. */
export type Attack = (target: Target, answers: Answers) => Promise<void>;

export interface Shot {
  readonly method?: string;
  /** A path after the prefix of the wire, or a whole address. */
  readonly path: string;
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes a call, reads the answer to its end, counts it, and returns its text if it is short. */
export async function shoot({ url, key }: Target, answers: Answers, shot: Shot): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const call = request(toUrl(url, shot.path), {
    method: shot.method ?? 'GET',
    timeout: 20_000,
    headers: {
      authorization: `Bearer ${key}`,
      ...(shot.body !== undefined && { 'content-type': 'application/json' }),
      ...shot.headers,
    },
  });
  const end = (name: string, text = '') => {
    count(answers, name);
    resolve(text);
  };
  call.on('timeout', () => call.destroy());
  call.on('error', () => end('cut'));
  call.on('response', (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => {
      if (text.length < 10_000) text += chunk.toString('latin1');
    });
    response.on('error', () => end('cut'));
    response.on('end', () => end(String(response.statusCode), text));
  });
  call.end(shot.body);
  return promise;
}

/** Makes a call on its own connection and never reads a byte of the answer. */
export async function askAndStall({ url, key }: Target, path: string): Promise<Socket> {
  const { hostname, port, pathname, search } = toUrl(url, path);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => socket.destroy());
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  socket.pause();
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${key}\r\naccept: text/event-stream, */*\r\n\r\n`,
  );
  return socket;
}

/** Repeats `attack` on `side` parallel lines until the siege is over: on each at least once, however busy the machine is. */
export async function repeat({ endsAt }: Target, side: number, attack: (turn: number) => Promise<unknown>) {
  const line = async (first: number) => {
    let turn = first;
    do {
      await attack(turn);
      turn += side;
    } while (Date.now() < endsAt);
  };
  await Promise.all(Array.from({ length: side }, (_, first) => line(first)));
}

function count(answers: Answers, name: string): void {
  answers[name] = (answers[name] ?? 0) + 1;
}

function toUrl(url: string, path: string): URL {
  return new URL(path.startsWith('/') ? `${housePrefix}${path}` : path, url);
}
