import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem } from '../../core/problem.ts';
import { createGoneSignal } from '../../http/gone-signal.ts';
import { GivenUpCalls } from './given-up-calls.ts';
import { loadLibrary } from './library.ts';
import type { ToolPorts } from './mcp-ports.ts';
import { createMcpServer } from './mcp-server.ts';

export interface Exchanges {
  readonly serve: (call: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
  /** Ends the streams that would stay open for ever. Tool calls end by themselves. */
  stop(): Promise<void>;
}

/** A silent stream sends a comment at least this often, whatever the settings allow. */
const maxSilentMs = 15_000;

/** Connects the calls of the app with the library, which speaks in web-standard requests and responses. */
export function createExchanges(given: Omit<ToolPorts, 'givenUp'>): Exchanges {
  const options = { ...given, givenUp: new GivenUpCalls() };
  const { givenUp } = options;
  const lasting = new Set<McpHttpHandler>();

  return {
    serve: async (call, reply) => {
      const { body, caller, revoked } = call;
      const messages = readMessages(body);
      for (const { params } of messages.flatMap((message) => cancelledSchema.safeParse(message).data ?? []))
        await givenUp.giveUp({ apiKeyId: caller.apiKeyId, id: params.requestId });
      const isTool = messages.some(isToolCall);
      // A tool itself tells its client that the key was revoked.
      const signal = createGoneSignal(reply, isTool ? undefined : revoked);
      const handler = await createHandler(call, reply, { ...options, isTool });
      if (!isTool) {
        lasting.add(handler);
        signal.addEventListener('abort', () => lasting.delete(handler));
      }
      const request = toWebRequest(call, { publicUrl: options.publicUrl(), signal });
      return sendResponse(reply, await handler.fetch(request, { parsedBody: body }));
    },
    stop: async () => {
      await Promise.all([...lasting].map((handler) => handler.close()));
    },
  };
}

async function createHandler(
  call: FastifyRequest,
  reply: FastifyReply,
  options: ToolPorts & { readonly isTool: boolean },
): Promise<McpHttpHandler> {
  const { isTool, keepAliveMs, logger } = options;
  const library = await loadLibrary();
  return library.createMcpHandler(() => createMcpServer(library, { ...options, call, reply }), {
    // A tool may take long, and only a stream can be kept alive; for the others a stream is no use.
    responseMode: isTool ? 'sse' : 'auto',
    keepAliveMs: Math.min(keepAliveMs, maxSilentMs),
    onerror: (err) => logger.debug({ event: 'mcp.refused', err }),
  });
}

/** One old revision allows several messages in a call. They count as one open call, so there may be only a few. */
function readMessages(body: unknown): readonly unknown[] {
  const messages = [body].flat();
  if (messages.length <= maxMessages) return messages;
  throw new Problem(
    'invalid_request',
    `The batch has ${messages.length} messages: at most ${maxMessages} are allowed.`,
  );
}

const maxMessages = 10;

const cancelledSchema = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

function isToolCall(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'method' in message && message.method === 'tools/call';
}

/** The body is not part of it: the house has read and parsed it, within its limits. */
function toWebRequest(
  { method, url, headers }: FastifyRequest,
  { publicUrl, signal }: { readonly publicUrl: string; readonly signal: AbortSignal },
): Request {
  const known = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const request = new Request(new URL(url, publicUrl), { method, headers: known, signal });
  // The library wants both by their names, and the house has read the body as JSON whatever it was called.
  if ([undefined, '*/*'].includes(headers.accept)) request.headers.set('accept', 'application/json, text/event-stream');
  request.headers.set('content-type', 'application/json');
  return request;
}

function sendResponse(reply: FastifyReply, { status, headers, body }: Response): FastifyReply {
  reply.code(status);
  const type = headers.get('content-type');
  if (type !== null) reply.type(type);
  // Proxies like nginx would otherwise hold events back.
  reply.header('x-accel-buffering', 'no');
  // The types of Node's streams and of the web's have different names for the same class.
  return reply.send(body ? Readable.fromWeb(body as ReadableStream) : null);
}
