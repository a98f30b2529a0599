import type { Tool as ListedTool } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { tools } from './tools.ts';

let listed: readonly ListedTool[] | undefined;

/** The tools as clients are shown them. Converting the schemas takes some milliseconds, so it is done once. */
export function toToolList(): readonly ListedTool[] {
  listed ??= tools.map(({ name, title, description, input, annotations }) => {
    // The schema of an object is plain JSON, and of this type.
    const inputSchema = z.toJSONSchema(input, { io: 'input' }) as unknown as ListedTool['inputSchema'];
    return { name, title, description, inputSchema, annotations: { title, ...annotations } };
  });
  return listed;
}
