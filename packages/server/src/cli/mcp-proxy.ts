import { once } from 'node:events';
import { type CallToolResult, Server, type ServerContext } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { version } from '../platform/version.ts';
import type { Connection } from './connect.ts';
import { explainRefusal } from './explain-refusal.ts';
import { addLocalArguments, LocalFiles } from './mcp-local-files.ts';
import { createRemote, type Remote } from './mcp-remote.ts';
import { toSentence } from './sentence.ts';

/**
 * Serves both revisions of the protocol on standard input and output until the host closes its end. Standard output is the
 * protocol's alone. Every call goes to the server, whose tools get two more arguments: files of this computer as pictures, and a
 * folder in which to save what was made.
 */
export async function serveMcp(connection: Connection, saveTo: string | undefined): Promise<void> {
  const remote = createRemote(connection);
  // A wrong address or key ends the command at once, with a sentence that the host shows in its log.
  const { instructions } = await remote.initialize();
  const files = new LocalFiles(connection.client, saveTo);
  const handle = serveStdio(() => createProxy({ remote, files, connection, instructions }), {
    onerror: (error) => console.error(toSentence(error)),
  });
  await Promise.race([
    once(process.stdin, 'end'),
    once(process.stdin, 'close'),
    once(process, 'SIGINT'),
    once(process, 'SIGTERM'),
  ]);
  await handle.close();
}

interface ProxyParts {
  readonly remote: Remote;
  readonly files: LocalFiles;
  readonly connection: Connection;
  readonly instructions: string;
}

function createProxy({ remote, files, connection, instructions }: ProxyParts): Server {
  const server = new Server(
    { name: 'darkroom', title: 'Darkroom', version },
    { capabilities: { tools: { listChanged: false } }, instructions },
  );

  server.setRequestHandler('tools/list', async (_request, context) => {
    const { tools } = listSchema.parse(await remote.call('tools/list', {}, { signal: context.mcpReq.signal }));
    // The server's own library has checked them.
    return { tools: tools.map(addLocalArguments) as never };
  });

  server.setRequestHandler('tools/call', async ({ params }, context): Promise<CallToolResult> => {
    try {
      const { given, folder } = await files.take(params.name, params.arguments ?? {});
      const message = { name: params.name, arguments: given, ...toProgressMeta(context) };
      const answer = await remote.call('tools/call', message, {
        signal: context.mcpReq.signal,
        onNotification: (notification) => void context.mcpReq.notify(notification).catch(() => undefined),
      });
      return await files.save(answer as CallToolResult, folder); // the server's own library has made it
    } catch (error) {
      const text = toSentence(await explainRefusal(error, connection.client));
      return { content: [{ type: 'text', text }], isError: true };
    }
  });

  return server;
}

const listSchema = z.object({
  tools: z.array(z.looseObject({ name: z.string(), inputSchema: z.record(z.string(), z.unknown()) })),
});

/** The server reports progress with the token of the host. */
function toProgressMeta({ mcpReq: { _meta } }: ServerContext) {
  const progressToken = _meta?.progressToken;
  return progressToken === undefined ? {} : { _meta: { progressToken } };
}
