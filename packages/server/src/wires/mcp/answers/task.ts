import type { ImageRequest } from '../../../core/image-request.ts';
import { toIso } from './request-record.ts';

const pollIntervalMs = 3_000;

/** A request is a task: it is in the queue, durably, before anybody is told. It has no time to live. */
export function toTask(request: ImageRequest) {
  return {
    taskId: request.id,
    status: toTaskStatus(request),
    statusMessage: `The request is ${request.status}.`,
    createdAt: toIso(request.createdAt),
    lastUpdatedAt: toIso(request.updatedAt),
    ttlMs: null,
    pollIntervalMs,
  } as const;
}

/** A request that fails is a task that is completed: with a result that says so. `failed` is for errors of the protocol. */
function toTaskStatus({ status }: ImageRequest): 'working' | 'completed' | 'cancelled' {
  switch (status) {
    case 'queued':
    case 'processing':
      return 'working';
    case 'success':
    case 'failed':
      return 'completed';
    case 'cancelled':
      return 'cancelled';
  }
}

export type CreatedTask = { readonly resultType: 'task' } & ReturnType<typeof toTask>;

/** The answer of a tool whose picture is made after it. */
export function toCreatedTask(request: ImageRequest): CreatedTask {
  return { resultType: 'task', ...toTask(request) };
}
