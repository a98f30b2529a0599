import { DarkroomError } from '@darkroom/client';
import { readServerSentEvents } from '@darkroom/client/node';
import { problemSchema } from '@darkroom/protocol';
import { z } from 'zod';
import { version } from '../platform/version.ts';
import { type Connection, fetchOrSay } from './connect.ts';

interface RemoteOptions {
  readonly signal?: AbortSignal;
  /** Called for what the server says before its answer. */
  readonly onNotification?: (notification: {
    readonly method: string;
    readonly params: Record<string, unknown>;
  }) => void;
}

/** The server's side of the protocol. */
export interface Remote {
  /** Resolves to what the server tells language models about itself. */
  initialize(): Promise<{ readonly instructions: string }>;
  /** Resolves to the result. Rejects with the error of the server. */
  call(method: string, params: object, options?: RemoteOptions): Promise<unknown>;
}

const messageSchema = z.looseObject({
  method: z.string().optional(),
  params: z.looseObject({}).optional(),
  result: z.looseObject({}).optional(),
  error: z
    .object({ message: z.string(), data: problemSchema.pick({ code: true }).optional().catch(undefined) })
    .optional(),
});

/** Calls without sessions: each is one POST, as the server answers it for every revision of the protocol. */
export function createRemote({ url, apiKey }: Pick<Connection, 'url' | 'apiKey'>): Remote {
  let id = 0;
  const call: Remote['call'] = async (method, params, { signal, onNotification } = {}) => {
    id += 1;
    const response = await fetchOrSay(`${url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      ...(signal && { signal }),
    });
    for await (const message of readMessages(response)) {
      if (message.error) throw toError(response.status, message.error);
      if (message.result) return message.result;
      if (message.method !== undefined) onNotification?.({ method: message.method, params: message.params ?? {} });
    }
    throw new Error('The line to the server was cut before its answer. list_generations finds the picture.');
  };
  return {
    call,
    initialize: async () => {
      const clientInfo = { name: 'darkroom-mcp', version };
      const asked = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
      return z.object({ instructions: z.string().default('') }).parse(await call('initialize', asked));
    },
  };
}

async function* readMessages(response: Response): AsyncGenerator<z.infer<typeof messageSchema>> {
  if (!response.body || !response.headers.get('content-type')?.includes('text/event-stream')) {
    const answer: unknown = await response.json().catch(() => undefined);
    const parsed = messageSchema.safeParse(answer);
    if (!parsed.success) throw new DarkroomError(response.status, {});
    yield parsed.data;
    return;
  }
  for await (const { data } of readServerSentEvents(response.body, () => undefined))
    if (data !== undefined && data !== '') yield messageSchema.parse(JSON.parse(data));
}

function toError(
  status: number,
  { message, data }: NonNullable<z.infer<typeof messageSchema>['error']>,
): DarkroomError {
  return new DarkroomError(status, { error: message, ...data });
}
