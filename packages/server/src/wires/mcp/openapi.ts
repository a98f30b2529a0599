import { z } from 'zod';
import { json, refusals } from '../../http/openapi/answers.ts';
import type { OpenApiPart } from '../../http/openapi/document.ts';

const messageSchema = z
  .looseObject({ jsonrpc: z.literal('2.0'), method: z.string() })
  .meta({ description: 'A message of JSON-RPC.' });

export const mcpPart: OpenApiPart = {
  tags: ['MCP'],
  paths: {
    '/mcp': {
      post: {
        operationId: 'callMcp',
        tags: ['MCP'],
        summary: 'The Model Context Protocol without sessions, in the revisions 2026-07-28, 2025-11-25 and older.',
        requestBody: { content: json(messageSchema) },
        responses: {
          200: {
            description: 'The answer, as JSON or as a stream of server-sent events.',
            content: { ...json(messageSchema), 'text/event-stream': { schema: z.string() } },
          },
          202: { description: 'A notification was received.' },
          ...refusals('malformed_json', 'unauthorized', 'too_many_streams'),
        },
      },
    },
  },
};
