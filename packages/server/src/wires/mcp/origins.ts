import type { onRequestAsyncHookHandler } from 'fastify';
import { sendErrorReply } from '../../http/error-reply.ts';

export interface OriginOptions {
  /** Origins whose pages may call; `*` allows any. */
  readonly corsOrigins: readonly string[];
  readonly publicUrl: () => string;
}

/**
 * Refuses the calls of web pages whose origin the settings do not name, as the protocol asks. By default any origin may call: a call
 * needs an API key, which no page has unless it was given one, and no cookie counts. So a page that tricks a browser into calling a
 * Darkroom of the local network (DNS rebinding) is refused for its missing key.
 */
export function refuseForeignOrigins({ corsOrigins, publicUrl }: OriginOptions): onRequestAsyncHookHandler {
  return async ({ headers: { origin } }, reply) => {
    if (origin === undefined || corsOrigins.some((one) => one === '*' || one === origin)) return undefined;
    if (origin === new URL(publicUrl()).origin) return undefined;
    const message = `Pages of ${origin} may not call this address: DARKROOM_CORS_ORIGINS does not name it.`;
    const body = { jsonrpc: '2.0', id: null, error: { code: -32_000, message } };
    return sendErrorReply(reply, { status: 403, headers: {}, body });
  };
}
