import type { Scope } from '@darkroom/protocol';
import type { Server, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ImageRequest } from '../../core/image-request.ts';
import { Problem } from '../../core/problem.ts';
import { toRequestAnswer } from './answers/request-answer.ts';
import { toTask } from './answers/task.ts';
import type { Library } from './library.ts';
import type { ToolCall } from './tool.ts';

/** https://modelcontextprotocol.io/extensions/tasks: a client that declares it may get a task as the answer of a tool. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

const envelopeSchema = z.object({
  'io.modelcontextprotocol/clientCapabilities': z.object({
    extensions: z.object({ [tasksExtension]: z.looseObject({}) }),
  }),
});

/** Has the client said, with this very call, that it understands tasks? */
export function declaresTasks({ mcpReq: { envelope } }: ServerContext): boolean {
  return envelopeSchema.safeParse(envelope).success;
}

type TaskPorts = Omit<ToolCall, 'mayBeTask' | 'progress' | 'rpcId'>;

const taskSchema = { params: z.looseObject({ taskId: z.string() }) };

/** Answers `tasks/get`, `tasks/cancel` and `tasks/update`. A request of any wire is a task. */
export function addTasks(server: Server, library: Library, ports: TaskPorts): void {
  const { intake, call } = ports;
  const { MissingRequiredClientCapabilityError, ProtocolError, ProtocolErrorCode } = library;

  const admit = (context: ServerContext, scope: Scope) => {
    if (!call.caller.scopes.includes(scope))
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `This call needs the scope ${scope} of the API key.`);
    if (declaresTasks(context)) return;
    throw new MissingRequiredClientCapabilityError({
      requiredCapabilities: { extensions: { [tasksExtension]: {} } },
    });
  };

  const orUnknown = async (found: Promise<ImageRequest>): Promise<ImageRequest> => {
    try {
      return await found;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no task with this id.');
    }
  };

  server.setRequestHandler('tasks/get', taskSchema, async ({ taskId }, context) => {
    admit(context, 'read');
    const request = await orUnknown(intake.find(call.caller, taskId));
    const task = toTask(request);
    if (task.status !== 'completed') return task;
    const result = await toRequestAnswer(request, ports);
    return { ...task, result: { resultType: 'complete', ...result } };
  });

  server.setRequestHandler('tasks/cancel', taskSchema, async ({ taskId }, context) => {
    admit(context, 'manage');
    await orUnknown(intake.cancel(call.caller, taskId));
    return {};
  });

  // A task never asks its client for anything, so there is nothing to take in.
  server.setRequestHandler('tasks/update', taskSchema, async ({ taskId }, context) => {
    admit(context, 'read');
    await orUnknown(intake.find(call.caller, taskId));
    return {};
  });
}
