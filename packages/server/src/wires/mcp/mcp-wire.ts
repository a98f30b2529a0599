import type { FastifyInstance } from 'fastify';
import type { Gates } from '../../http/gates.ts';
import type { Wire } from '../wire.ts';
import { toRpcError } from './answers/rpc-error.ts';
import { createExchanges } from './exchanges.ts';
import type { McpWireOptions } from './mcp-ports.ts';
import { mcpPart } from './openapi.ts';
import { refuseForeignOrigins } from './origins.ts';

/**
 * The Model Context Protocol at `/mcp`: language models make pictures as tool calls. The official server library answers both
 * revisions of the protocol at one address, without sessions. It is loaded by the first call, so that a service without such callers
 * neither starts more slowly nor takes more memory. https://modelcontextprotocol.io/specification
 */
export function createMcpWire(options: McpWireOptions): Wire {
  return {
    name: 'mcp',
    scopes: [{ prefix: '/mcp', register: (scope, gates) => registerMcp(scope, gates, options) }],
    toErrorReply: toRpcError,
    openApi: mcpPart,
  };
}

function registerMcp(app: FastifyInstance, gates: Gates, options: McpWireOptions): void {
  const exchanges = createExchanges({ ...options, gates });
  app.addHook('preClose', () => exchanges.stop());
  app.post('/', { onRequest: [refuseForeignOrigins(options), gates.open()] }, exchanges.serve);
}
