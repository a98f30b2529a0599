import type { JSONRPCRequest, Server, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { version } from '../../platform/version.ts';
import { callTool } from './call-tool.ts';
import type { Library } from './library.ts';
import type { ToolPorts } from './mcp-ports.ts';
import { addTasks, declaresTasks, tasksExtension } from './tasks.ts';
import type { ToolCall } from './tool.ts';
import { toToolList } from './tool-list.ts';
import { tools } from './tools.ts';

const instructions = `Darkroom makes and edits pictures. generate_image and edit_image answer with links and small previews if the picture is ready in time. Otherwise they answer with a request_id: call get_result with it until the picture is ready, and do not repeat the first call. If an answer was lost, list_generations finds the picture. Every answer says what it cost in US dollars.`;

/** A server for one HTTP call, as the protocol without sessions has it. */
export function createMcpServer(library: Library, options: ToolPorts & Pick<ToolCall, 'call' | 'reply'>): Server {
  const server = new library.Server(
    { name: 'darkroom', title: 'Darkroom', version },
    {
      capabilities: { tools: { listChanged: false }, extensions: { [tasksExtension]: {} } },
      instructions,
      // The lists are the same for every caller of a version.
      cacheHints: { 'tools/list': { ttlMs: 3_600_000, cacheScope: 'public' } },
      jsonSchemaValidator: unusedValidator,
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: [...toToolList()] }));
  // The library's own handler of this method cannot answer with a task: it would add an empty `content` to it.
  server.fallbackRequestHandler = (request, context) => answer(request, context);
  addTasks(server, library, options);
  return server;

  async function answer({ method, params }: JSONRPCRequest, context: ServerContext) {
    if (method !== 'tools/call')
      throw new library.ProtocolError(library.ProtocolErrorCode.MethodNotFound, 'Method not found');
    const parsed = callSchema.safeParse(params);
    const tool = tools.find(({ name }) => name === parsed.data?.name);
    if (!parsed.success || !tool) {
      const message = `There is no tool ${JSON.stringify(parsed.data?.name ?? null)}: tools/list lists the tools.`;
      throw new library.ProtocolError(library.ProtocolErrorCode.InvalidParams, message);
    }
    return callTool(tool, parsed.data.arguments, {
      ...options,
      rpcId: context.mcpReq.id,
      mayBeTask: declaresTasks(context),
      progress: toProgress(context),
    });
  }
}

const callSchema = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) });

/** The library checks with it what clients are asked for; nobody is asked for anything here. */
const unusedValidator = {
  getValidator: () => {
    throw new Error('Clients are asked for nothing, so there is nothing to validate.');
  },
};

/** Sends progress, when the client wants it. */
function toProgress({ mcpReq: { _meta, notify } }: ServerContext): ToolCall['progress'] {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (progress, message) =>
    notify({ method: 'notifications/progress', params: { progressToken, progress, message } });
}
