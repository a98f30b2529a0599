import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { createSecret } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { Answer } from './answer.ts';
import { CallLog, type CallResult } from './call-log.ts';
import { generateContent, maxBodyBytes, type Studio, toAnswer } from './generate-content.ts';
import { describeModel, findModel, listModels } from './models.ts';
import type { Illustrate } from './picture.ts';
import { PromptCounts } from './prompt-counts.ts';
import { Refusal } from './refusals.ts';
import { parseRoute, type Route } from './route.ts';
import { transmit } from './transmission.ts';

/**
 * The room of the sandbox: an HTTP server that speaks `generateContent` as Google AI Studio does, so that the same
 * client talks to either. It draws the pictures itself, refuses in the upstream's words, and is steered by directives
 * in the prompt. It knows nothing of the rest of Darkroom; other programs may be tested against it too.
 */
export interface SandboxServer extends Service {
  /** `http://host:port`, once it has started. */
  readonly url: string;
  /** The calls of `generateContent` that came. */
  readonly calls: CallLog;
}

export interface SandboxServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly clock: Clock;
  readonly illustrate: Illustrate;
  /** An existing folder, in which the server keeps a folder of its own while it runs. */
  readonly spoolFolder: string;
  /** The only key that is taken; without it, any is. */
  readonly apiKey?: string;
  readonly logger?: Logger;
}

export function createSandboxServer(options: SandboxServerOptions): SandboxServer {
  return new HttpSandboxServer(options);
}

const countedPrompts = 10_000;
const headersTimeoutMs = 20_000;
const requestTimeoutMs = 300_000;
const keepAliveTimeoutMs = 60_000;

class HttpSandboxServer implements SandboxServer {
  readonly calls = new CallLog();
  readonly #options: SandboxServerOptions;
  readonly #studio: Studio;
  readonly #folder: string;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  /** Exchanges under way. */
  readonly #exchanges = new Set<Promise<void>>();
  #stopped: Promise<void> | undefined;

  constructor(options: SandboxServerOptions) {
    this.#options = options;
    this.#studio = { ...options, prompts: new PromptCounts(countedPrompts) };
    this.#folder = join(options.spoolFolder, `sandbox-${createSecret()}`);
    this.#server = createServer(
      { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
      (request, response) => this.#begin(request, response),
    );
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The sandbox has not started.');
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  async start(): Promise<void> {
    await mkdir(this.#folder);
    const { host, port } = this.#options;
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, host, resolve);
    try {
      await promise;
    } catch (error) {
      await rm(this.#folder, { recursive: true, force: true });
      throw error;
    }
    this.#server.off('error', reject);
    this.#options.logger?.info({ event: 'sandbox.started', url: this.url });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('The sandbox stops.'));
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await Promise.all([closed, ...this.#exchanges]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const exchange = this.#exchange(request, response).finally(() => this.#exchanges.delete(exchange));
    this.#exchanges.add(exchange);
  }

  /** Never rejects: whatever happens ends in an answer or a closed connection. */
  async #exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const leaving = watchCaller(request, response);
    const signal = AbortSignal.any([leaving, this.#stopping.signal]);
    const route = parseRoute(request);
    if (route.kind !== 'generate') return void (await this.#serve({ request, response, route, signal }));
    this.calls.begin();
    const result = await this.#serve({ request, response, route, signal });
    this.calls.end(result);
    this.#options.logger?.debug({ event: 'sandbox.answered', model: route.model, result });
  }

  async #serve({ request, response, route, signal }: Exchange): Promise<CallResult> {
    try {
      const answer = await this.#answer({ request, response, route, signal }).catch((error) =>
        this.#refuse(error, signal),
      );
      await transmit(response, answer, signal);
      // What a refused caller still sends is read and dropped, or the connection could not be used again.
      request.resume();
      return answer.cut === 'reset' ? 'closed' : answer.status;
    } catch (error) {
      if (!signal.aborted) this.#options.logger?.debug({ event: 'sandbox.broken', err: error });
      response.destroy();
      return 'closed';
    }
  }

  #refuse(error: unknown, signal: AbortSignal): Answer {
    signal.throwIfAborted();
    if (error instanceof Refusal) return toAnswer(error);
    this.#options.logger?.error({ event: 'sandbox.failed', err: error });
    return toAnswer(Refusal.internal());
  }

  async #answer({ request, route, signal }: Exchange): Promise<Answer> {
    if (route.kind === 'calls') return toJsonAnswer(this.#describeCalls(route.prompt));
    this.#checkKey(route);
    switch (route.kind) {
      case 'unknown':
        throw Refusal.unknownMethod();
      case 'list':
        return toJsonAnswer(listModels(route.version));
      case 'model':
        return toJsonAnswer(describeModel(findModel(route.version, route.model)));
      case 'generate': {
        const model = findModel(route.version, route.model);
        if (Number(request.headers['content-length']) > maxBodyBytes) throw Refusal.tooLarge(maxBodyBytes);
        const folder = join(this.#folder, createSecret());
        // Without this the stream would close the socket when the body is refused in its middle.
        const body = request.iterator({ destroyOnReturn: false });
        return generateContent({ model, body, folder, signal }, this.#studio);
      }
    }
  }

  #checkKey({ key }: Route): void {
    const { apiKey } = this.#options;
    if (key === '') throw Refusal.missingKey();
    if (apiKey !== undefined && key !== apiKey) throw Refusal.invalidKey();
  }

  #describeCalls(prompt: string | undefined): object {
    const { byResult, inFlight, total } = this.calls;
    return { total, inFlight, byResult, ...(prompt !== undefined && { ofPrompt: this.#studio.prompts.of(prompt) }) };
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  readonly signal: AbortSignal;
}

/** Aborts when the connection ends before the answer has been sent. */
function watchCaller(request: IncomingMessage, response: ServerResponse): AbortSignal {
  const leaving = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort(new Error('The caller left.'));
  });
  // A caller who leaves shows as errors on both streams; the signal says all there is to say.
  request.on('error', () => {});
  response.on('error', () => {});
  return leaving.signal;
}

function toJsonAnswer(body: object): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    slabs: () => [JSON.stringify(body, null, 2)],
  };
}
