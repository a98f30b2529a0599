import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { createInputProblem, parseTolerantly } from '../../core/parse-input.ts';
import type { CreatedTask } from './answers/task.ts';
import type { ToolPorts } from './mcp-ports.ts';

/** One call of a tool. */
export interface ToolCall extends ToolPorts {
  readonly call: FastifyRequest;
  readonly reply: FastifyReply;
  /** The client's number of the call. */
  readonly rpcId: string | number;
  /** May the answer be a task? The client has said that it understands them. */
  readonly mayBeTask: boolean;
  /** Tells the client how it goes, when it wants to know: a number that grows, and a sentence. */
  readonly progress: ((progress: number, message: string) => Promise<void>) | undefined;
}

export type ToolAnswer = CallToolResult | CreatedTask;

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For the language model that decides whether to call it. */
  readonly description: string;
  readonly input: z.ZodObject;
  readonly annotations: ToolAnnotations;
  /** Rejects with a `Problem` when the call is refused. */
  run(given: Readonly<Record<string, unknown>>, call: ToolCall): Promise<ToolAnswer>;
}

/** A tool whose arguments are parsed before it runs. An argument that it does not have is refused by its name. */
export function defineTool<S extends z.ZodObject>({
  run,
  ...tool
}: Omit<Tool, 'input' | 'run'> & {
  readonly input: S;
  readonly run: (given: z.output<S>, call: ToolCall) => Promise<ToolAnswer>;
}): Tool {
  const { name, input } = tool;
  const known = Object.keys(input.shape);
  return {
    ...tool,
    run: async (given, call) => {
      const unknown = Object.keys(given).filter((key) => !known.includes(key));
      const message = `is not an argument of ${name}, whose arguments are ${known.join(', ') || 'none'}`;
      if (unknown.length > 0) throw createInputProblem(unknown.map((path) => ({ path, message })));
      return run(parseTolerantly(input, given, ''), call);
    },
  };
}
