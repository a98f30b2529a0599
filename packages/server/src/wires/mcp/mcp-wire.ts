import type { FastifyInstance } from 'fastify';
import type { Gates } from '../../http/gates.ts';
import type { Thumbnails } from '../../media/thumbnails.ts';
import type { BudgetStore } from '../../store/budget-store.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { toRpcError } from './answers/rpc-error.ts';
import { createExchanges } from './exchanges.ts';
import { mcpPart } from './openapi.ts';
import { refuseForeignOrigins } from './origins.ts';

export interface McpWireOptions extends WirePorts {
  readonly store: Pick<RequestStore, 'list'>;
  readonly budgets: Pick<BudgetStore, 'list'>;
  readonly thumbnails: Pick<Thumbnails, 'find'>;
  /** Origins whose pages may call; `*` allows any. */
  readonly corsOrigins: readonly string[];
}

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
