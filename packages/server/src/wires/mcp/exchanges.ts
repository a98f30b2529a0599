import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createGoneSignal } from '../../http/gone-signal.ts';
import { GivenUpCalls } from './given-up-calls.ts';
import { loadLibrary } from './library.ts';
import { createMcpServer, type McpServerOptions } from './mcp-server.ts';

export interface Exchanges {
  readonly serve: (call: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
  /** Ends the streams that would stay open. */
  stop(): Promise<void>;
}

/** A silent stream sends a comment at least this often, whatever the settings allow. */
const maxSilentMs = 15_000;

/** Connects the calls of the app with the library, which speaks in web-standard requests and responses. */
export function createExchanges(given: Omit<McpServerOptions, 'givenUp'>): Exchanges {
  const options = { ...given, givenUp: new GivenUpCalls() };
  const { keepAliveMs, publicUrl, givenUp, logger } = options;
  const open = new Set<McpHttpHandler>();

  return {
    serve: async (call, reply) => {
      const cancelled = cancelledSchema.safeParse(call.body).data;
      if (cancelled) await givenUp.giveUp({ apiKeyId: call.caller.apiKeyId, id: cancelled.params.requestId });
      const library = await loadLibrary();
      const gone = createGoneSignal(reply);
      const handler = library.createMcpHandler(() => createMcpServer(library, { ...options, call, reply }), {
        // A tool may take long, and only a stream can be kept alive; for the others a stream is no use.
        responseMode: isToolCall(call.body) ? 'sse' : 'auto',
        keepAliveMs: Math.min(keepAliveMs, maxSilentMs),
        onerror: (err) => logger.debug({ event: 'mcp.refused', err }),
      });
      open.add(handler);
      reply.raw.once('close', () => open.delete(handler));
      const response = await handler.fetch(toWebRequest(call, { publicUrl: publicUrl(), signal: gone }), {
        parsedBody: call.body,
      });
      return sendResponse(reply, response);
    },
    stop: async () => {
      await Promise.all([...open].map((handler) => handler.close()));
    },
  };
}

const cancelledSchema = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

function isToolCall(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'method' in body && body.method === 'tools/call';
}

/** The body is not part of it: the house has read and parsed it, within its limits. */
function toWebRequest(
  { method, url, headers }: FastifyRequest,
  { publicUrl, signal }: { readonly publicUrl: string; readonly signal: AbortSignal },
): Request {
  const known = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new Request(new URL(url, publicUrl), { method, headers: known, signal });
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
