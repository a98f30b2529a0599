import { requestStatuses } from '@darkroom/protocol';
import { z } from 'zod';
import type { ListQuery } from '../../../store/request-store.ts';
import { toJsonAnswer } from '../answers/json-answer.ts';
import { toRequestRecord } from '../answers/request-record.ts';
import { defineTool } from '../tool.ts';

const input = z.object({
  limit: z
    .int({ error: 'must be a whole number from 1 to 50' })
    .min(1, { error: 'must be 1 to 50' })
    .max(50, { error: 'must be 1 to 50' })
    .default(10)
    .meta({ description: 'How many requests, 1 to 50.' }),
  status: z
    .enum(requestStatuses, { error: `must be one of ${requestStatuses.join(', ')}` })
    .optional()
    .meta({ description: 'Only requests with this status.' }),
  text: z
    .string({ error: 'must be a string' })
    .optional()
    .meta({ description: 'Only requests whose prompt contains this text.' }),
  cursor: z
    .string({ error: 'must be the next_cursor of an earlier answer' })
    .optional()
    .meta({ description: 'The next_cursor of the page before.' }),
});

export const listGenerationsTool = defineTool({
  name: 'list_generations',
  title: 'List earlier requests',
  description:
    'Lists the requests of the organization with their pictures, newest first, from all clients. Use it to find a picture whose answer was lost. Costs nothing.',
  input,
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: async (given, call) => {
    const { requests, total, nextCursor } = await call.store.list(toQuery(given, call.call.caller.organizationId));
    return toJsonAnswer({
      requests: requests.map((request) => ({ ...toRequestRecord(request, call), prompt: toPrompt(request.payload) })),
      ...(given.text === undefined && { total }),
      ...(nextCursor !== undefined && { next_cursor: nextCursor }),
    });
  },
});

function toQuery({ limit, status, text, cursor }: z.output<typeof input>, organizationId: string): ListQuery {
  return {
    organizationId,
    limit,
    ...(status && { status }),
    ...(text !== undefined && { text }),
    ...(cursor !== undefined && { cursor }),
  };
}

const maxPromptCharacters = 200;

/** The beginning of what was asked for; payloads of conversations have none. */
function toPrompt(payload: string): string | undefined {
  const { prompt } = JSON.parse(payload) as { readonly prompt?: unknown }; // a payload is an object
  return typeof prompt === 'string' ? prompt.slice(0, maxPromptCharacters) : undefined;
}
