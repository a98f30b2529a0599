import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyIsUsed, handleWebhook, type WebhookHandlerOptions } from './webhook-handler.ts';

/** What body parsers leave: the bytes in `rawBody` or `body`, or what they made of them in `body`. */
type ParsedMessage = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown };

/** More than the largest record, which has its payload as it was sent. */
const maxBodyBytes = 32 * 1024 * 1024;

/**
 * Makes a handler for Express and everything else that is built on `node:http`. It answers 204 when `onMessage` has accepted the
 * message, and 401 when it was not sent by Darkroom. It reads the body by itself, or takes what `express.raw()` has read. The error
 * of `onMessage` goes to `next`; without `next`, the answer is 500 and the error becomes a warning of the process.
 */
export function createNodeWebhookHandler(
  options: WebhookHandlerOptions,
): (request: IncomingMessage, response: ServerResponse, next?: (error: unknown) => void) => Promise<void> {
  return async (request, response, next) => {
    try {
      const body = await readBody(request);
      const status = body === undefined ? 413 : await handleWebhook(body, request.headers, options);
      response.writeHead(status).end();
    } catch (error) {
      if (next) return next(error);
      response.writeHead(500).end();
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  };
}

/** Resolves to `undefined` when the body is too large. */
async function readBody(request: ParsedMessage): Promise<string | Uint8Array | undefined> {
  const given = request.rawBody ?? request.body;
  if (typeof given === 'string' || given instanceof Uint8Array) return given;
  if (request.readableDidRead) throw new TypeError(bodyIsUsed);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Without an encoding, a stream of Node gives bytes. It stays open for the answer.
  const parts: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
