import type { CallToolResult } from '@modelcontextprotocol/server';

/** An answer that is all data: as structured content, and as text for clients that read no other. */
export function toJsonAnswer(content: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(content) }], structuredContent: content };
}
