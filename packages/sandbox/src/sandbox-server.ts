import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type Answer, toAnswer } from './answer.ts';
import { answerRoute, type Caller, type Studio } from './answer-route.ts';
import { FileShelf } from './batches/file-shelf.ts';
import { CallLog, type CallResult } from './call-log.ts';
import { illustrate } from './illustrator.ts';
import { answerOpenaiRoute } from './openai/answer-openai-route.ts';
import { type OpenaiRoute, parseOpenaiRoute } from './openai/route.ts';
import type { Illustrate } from './picture.ts';
import { PromptCounts } from './prompt-counts.ts';
import { Refusal } from './refusals.ts';
import { parseRoute, type Route } from './route.ts';
import { type Sleep, sleep } from './sleep.ts';
import { transmit } from './transmission.ts';
import type { SignaturePolicy } from './validation.ts';

/**
 * The sandbox: an HTTP server that speaks `generateContent` like Google AI Studio and the images calls of OpenAI, so that the same
 * clients can talk to either. It draws the pictures itself and refuses calls in the upstream's words. Directives in the prompt control it. It
 * knows nothing about the rest of Darkroom, so other programs can be tested with it too.
 */
export interface SandboxServer {
  start(): Promise<void>;
  /** Resolves when nothing that it began still runs. Stopping twice has no further effect. */
  stop(): Promise<void>;
  /** `http://host:port`, available once it has started. */
  readonly url: string;
  /** The calls for pictures so far. */
  readonly calls: CallLog;
}

export interface SandboxServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** How a `delay` directive waits. Default: the machine's clock. */
  readonly sleep?: Sleep;
  /** Draws the pictures. Default: the sandbox's own illustrator. */
  readonly illustrate?: Illustrate;
  /** Whether the model's turns must carry their thought signatures. Default: `strict`, like the upstream. */
  readonly signatures?: SignaturePolicy;
  /** How long a batch job is pending before its calls are made. Default: a second. */
  readonly batchDelayMs?: number;
  /** An existing folder. The server keeps its own folder in it while it runs. */
  readonly spoolFolder: string;
  /** The only key to accept. Default: any key. */
  readonly apiKey?: string;
  /** A structured logger with `event` first, e.g. pino. */
  readonly logger?: Record<'debug' | 'info' | 'error', (fields: object) => void>;
}

export function createSandboxServer(options: SandboxServerOptions): SandboxServer {
  return new HttpSandboxServer(options);
}

// An `import` of `node:http` reads all its exports, one of which loads the `fetch` of Node: 45 ms and 13 MB for nothing.
const { createServer } = process.getBuiltinModule('node:http');

const drawnAtOnce = 2;
/** The calls that make pictures. */
const callKinds: ReadonlySet<string> = new Set(['generate', 'openai-generate', 'openai-edit']);
const countedPrompts = 10_000;
const headersTimeoutMs = 20_000;
const requestTimeoutMs = 300_000;
const keepAliveTimeoutMs = 60_000;

class HttpSandboxServer implements SandboxServer {
  readonly calls = new CallLog();
  readonly #options: SandboxServerOptions;
  readonly #studio: Studio;
  readonly #server: Server;
  /** Exchanges under way. */
  readonly #exchanges = new Set<Promise<void>>();
  #stopped: Promise<void> | undefined;

  constructor(options: SandboxServerOptions) {
    this.#options = options;
    const spoolFolder = join(options.spoolFolder, `sandbox-${randomUUID()}`);
    this.#studio = {
      illustrate,
      signatures: 'strict',
      sleep,
      batchDelayMs: 1_000,
      ...options,
      batches: new Map(),
      files: new FileShelf(join(spoolFolder, 'files')),
      spoolFolder,
      calls: this.calls,
      easels: pLimit(drawnAtOnce),
      prompts: new PromptCounts(countedPrompts),
      drawn: new PromptCounts(countedPrompts),
    };
    this.#server = createServer(
      { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
      (request, response) => this.#begin(request, response),
    );
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The sandbox is not started.');
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  async start(): Promise<void> {
    await mkdir(this.#studio.spoolFolder);
    try {
      await this.#listen();
    } catch (error) {
      await this.#removeFolder();
      throw error;
    }
    this.#options.logger?.info({ event: 'sandbox.started', url: this.url });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#options;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
  }

  async #stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // Each closed connection aborts the signal of its exchanges.
    this.#server.closeAllConnections();
    const jobs = [...this.#studio.batches.values()];
    await Promise.all([closed, ...this.#exchanges, ...jobs.map((job) => job.cancel())]);
    await this.#removeFolder();
  }

  #removeFolder(): Promise<void> {
    return rm(this.#studio.spoolFolder, { recursive: true, force: true });
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const exchange = this.#exchange(request, response).finally(() => this.#exchanges.delete(exchange));
    this.#exchanges.add(exchange);
  }

  /** Never rejects: it always ends with an answer or a closed connection. */
  async #exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = parseOpenaiRoute(request) ?? parseRoute(request);
    const isCall = callKinds.has(route.kind);
    if (isCall) this.calls.begin();
    const result = await this.#serve({ request, response, route });
    if (isCall) this.calls.end(result);
    this.#options.logger?.debug({ event: 'sandbox.answered', kind: route.kind, result });
  }

  async #serve({ request, response, route }: Exchange): Promise<CallResult> {
    const signal = watchCaller(request, response);
    try {
      const answer = await this.#answer(route, { request, signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        return this.#refuse(error);
      });
      await transmit(response, answer, signal);
      if (answer.cut === 'stall' || answer.cut === 'hang') await this.#stall(signal);
      // Whatever a refused caller still sends is read and dropped. Otherwise the connection could not be reused.
      request.resume();
      return answer.cut === 'reset' ? 'closed' : answer.status;
    } catch (error) {
      if (!signal.aborted) this.#options.logger?.error({ event: 'sandbox.broken', err: error });
      response.destroy();
      return 'closed';
    }
  }

  #answer(route: Route | OpenaiRoute, caller: Caller): Promise<Answer> {
    return 'api' in route ? answerOpenaiRoute(route, caller, this.#studio) : answerRoute(route, caller, this.#studio);
  }

  /** Leaves the answer open until the caller leaves, then rejects. */
  #stall(signal: AbortSignal): Promise<never> {
    this.#options.logger?.debug({ event: 'sandbox.stalled' });
    return new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason));
    });
  }

  #refuse(error: unknown): Answer {
    if (error instanceof Refusal) return toAnswer(error);
    this.#options.logger?.error({ event: 'sandbox.failed', err: error });
    return toAnswer(Refusal.internal());
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route | OpenaiRoute;
}

/** Aborts when the connection ends before the answer has been sent. */
function watchCaller(request: IncomingMessage, response: ServerResponse): AbortSignal {
  const { socket } = request;
  const leaving = new AbortController();
  const leave = () => leaving.abort(new Error('The caller left.'));
  // The socket, not the response: a response that waits behind another on the same connection is not notified.
  socket.once('close', leave);
  response.once('finish', () => socket.off('close', leave));
  // When a caller leaves, both streams report errors. The signal already covers this case.
  request.on('error', () => {});
  response.on('error', () => {});
  return leaving.signal;
}
