import type { Scope } from '@darkroom/protocol';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { Problem } from '../../core/problem.ts';
import { assertScope } from '../../http/scopes.ts';
import { toFault } from '../../http/to-problem.ts';
import { toProblemAnswer } from './answers/problem-answer.ts';
import type { Tool, ToolAnswer, ToolCall } from './tool.ts';

/** Runs a tool. A refusal is its answer, which a language model can read and act on, and no error of the protocol. */
export async function callTool(
  tool: Tool,
  given: Readonly<Record<string, unknown>>,
  call: ToolCall,
): Promise<ToolAnswer> {
  try {
    assertScope(call.call.caller, toToolScope(tool));
    return await tool.run(given, call);
  } catch (error) {
    return refuse(error, call);
  }
}

/** The hints of a tool say what kind of call it is. */
function toToolScope({ annotations }: Pick<Tool, 'annotations'>): Scope {
  if (annotations.readOnlyHint) return 'read';
  return annotations.destructiveHint ? 'manage' : 'submit';
}

function refuse(error: unknown, { logger, models }: ToolCall): CallToolResult {
  if (error instanceof Problem) return toProblemAnswer(error, models);
  logger.error({ event: 'mcp.failed', err: error });
  return toProblemAnswer(toFault(error instanceof Error ? error : new Error(String(error))), models);
}
