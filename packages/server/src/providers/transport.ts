import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import { addAbortSignal, pipeline, Readable } from 'node:stream';
import { type Agents, createAgents } from '../outbound/agents.ts';
import { noProxies, type Proxies } from '../outbound/proxies.ts';
import { http } from '../platform/node-http.ts';
import { decodeContent } from './content-encoding.ts';

export interface TransportOptions {
  readonly connectTimeoutMs: number;
  /** Missing: every call goes directly. */
  readonly proxies?: Proxies | undefined;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  /** In lower case; undefined where the answer has none. */
  readonly header: (name: string) => string | undefined;
  /** Decompressed. Rejects with `TransportError`, or as `decodeContent` does. Leaving it early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The connection failed, or the request's signal ended it. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The code of the system or of the client, e.g. `ECONNREFUSED`. */
  readonly code: string;
  /** Had the client begun to send the request? */
  readonly isSent: boolean;
  /** Was the answer something other than HTTP? */
  readonly isForeign: boolean;

  constructor(cause: unknown, isSent: boolean) {
    super('The connection to the upstream failed.', { cause });
    this.code = findCode(cause);
    this.isSent = isSent;
    this.isForeign = this.code.startsWith('HPE_');
  }
}

/** How long a connection waits for the next call: upstreams that name no time close theirs after five seconds. */
const idleMs = 4_000;

/**
 * Connections to the upstream. They are kept open between calls, with one call on each at a time. They use HTTP/1.1: with HTTP/2
 * many calls would share one connection and all be lost with it. The client is Node's own, which skips informational answers as
 * HTTP requires; undici aborts the call at a `100 Continue` that it did not ask for.
 */
export class Transport {
  readonly #connectTimeoutMs: number;
  readonly #proxies: Proxies;
  readonly #direct = createAgents({ keepAlive: true, timeout: idleMs });
  /** By the URL of the proxy. */
  readonly #proxied = new Map<string, Agents>();

  constructor({ connectTimeoutMs, proxies = noProxies }: TransportOptions) {
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#proxies = proxies;
  }

  /** Sends one request, once. Rejects with `TransportError`, or with the error of `body` as it is. */
  async send({ method, url, headers, body, signal }: UpstreamRequest): Promise<UpstreamResponse> {
    const target = new URL(url);
    const isTls = target.protocol === 'https:';
    const agents = this.#agentsFor(target);
    const sending = new Sending(body);
    try {
      const options = { method, headers, signal };
      const outgoing = isTls
        ? https.request(url, { ...options, agent: agents.https })
        : http.request(url, { ...options, agent: agents.http });
      const connected = this.#awaitConnection(outgoing, isTls ? 'secureConnect' : 'connect');
      const answered = exchange(outgoing, { connected, body: body && sending });
      const isDirect = agents === this.#direct;
      const response = await (isDirect ? answered : Promise.race([answered, this.#limitTunnel(outgoing, connected)]));
      return {
        status: response.statusCode ?? 0,
        header: (name) => response.headers[name]?.toString(),
        body: decodeContent(translateErrors(addAbortSignal(signal, response)), response.headers['content-encoding']),
      };
    } catch (error) {
      if (sending.failure) throw sending.failure.error;
      throw new TransportError(error, sending.hasBegun);
    }
  }

  /** Closes every connection; calls under way fail. */
  async close(): Promise<void> {
    for (const agents of [this.#direct, ...this.#proxied.values()]) agents.destroy();
  }

  /** A tunnel is made for each call: the time-out of its making would otherwise be that of waiting for the next call. */
  #agentsFor(url: URL): Agents {
    const proxy = this.#proxies.find(url);
    if (proxy === undefined) return this.#direct;
    const agents = this.#proxied.get(proxy) ?? createAgents({ timeout: this.#connectTimeoutMs }, proxy);
    this.#proxied.set(proxy, agents);
    return agents;
  }

  /**
   * Rejects when the tunnel is not there in time, and never resolves. Until then the request has no socket, so that it would end by
   * no time-out and no signal while the far end says nothing in the TLS handshake.
   */
  async #limitTunnel(outgoing: ClientRequest, connected: Promise<void>): Promise<never> {
    const limit = AbortSignal.timeout(this.#connectTimeoutMs);
    const { promise: isOver, resolve } = Promise.withResolvers<true>();
    limit.addEventListener('abort', () => resolve(true), { once: true });
    if ((await Promise.race([connected, isOver])) === true) {
      outgoing.destroy();
      throw new ConnectTimeout();
    }
    return new Promise<never>(() => {});
  }

  /** A picture takes minutes and nothing arrives before it: once connected, the call's signal is the only deadline. */
  #awaitConnection(outgoing: ClientRequest, event: 'connect' | 'secureConnect'): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    outgoing.once('socket', (socket) => {
      if (!socket.connecting) return resolve();
      const giveUp = () => outgoing.destroy(new ConnectTimeout());
      socket.setTimeout(this.#connectTimeoutMs).once('timeout', giveUp);
      socket.once(event, () => {
        socket.setTimeout(0).off('timeout', giveUp);
        resolve();
      });
    });
    return promise;
  }
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Resolves to the head of the answer, which may come before the body has gone out. */
function exchange(
  outgoing: ClientRequest,
  { connected, body }: { readonly connected: Promise<void>; readonly body: AsyncIterable<Uint8Array> | undefined },
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    // A server that has answered reads no more; the rest of the body would hold the connection.
    response.once('close', () => outgoing.writableFinished || outgoing.destroy());
    resolve(response);
  });
  if (!body) outgoing.end();
  else void connected.then(() => pipeline(Readable.from(body), outgoing, () => {}));
  return promise;
}

/** A request's body, which remembers whether it was read (which requires a connection) and whether it failed itself. */
class Sending {
  readonly #body: AsyncIterable<Uint8Array>;
  hasBegun = false;
  failure: { readonly error: unknown } | undefined;

  constructor(body: AsyncIterable<Uint8Array> = Readable.from([])) {
    this.#body = body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.hasBegun = true;
    try {
      yield* this.#body;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

async function* translateErrors(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new TransportError(error, true);
  }
}

function findCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? error.name : findCode(error.cause);
}
