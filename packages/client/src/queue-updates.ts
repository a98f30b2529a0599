import type { RequestEvent } from './event-stream.ts';
import type { LogLine, ProgressRecord, QueueRecord, RequestLog, RequestRecord } from './shapes.ts';

type QueueState =
  | {
      readonly status: 'queued';
      /** How many requests are served before this one; `null` when that is not known, or when the request is not due. */
      readonly position: number | null;
      /** Why it waits, and how long it may take. `undefined` until the server says so. */
      readonly queue: QueueRecord | undefined;
    }
  | { readonly status: 'processing'; readonly progress: ProgressRecord | undefined }
  | { readonly status: FinalStatus; readonly record: RequestRecord };

type FinalStatus = 'success' | 'failed' | 'cancelled';

interface UpdateFacts {
  readonly requestId: string;
  /** What has happened so far, in sentences, oldest first. Empty unless `logs` was asked for. */
  readonly logs: readonly LogLine[];
}

/** How a request stands. Compare `status` to tell the kinds apart. */
export type QueueUpdate = UpdateFacts & QueueState;

interface FollowOptions {
  readonly requestId: string;
  readonly onQueueUpdate: (update: QueueUpdate) => void;
  /** Reads the log of the request. Without it, updates have no logs. */
  readonly readLogs: (() => Promise<RequestLog>) | undefined;
}

/** Makes updates of the events of a request. Resolves to its record when it has ended; to `undefined` if that never came. */
export async function followUpdates(
  events: AsyncIterable<RequestEvent>,
  { requestId, onQueueUpdate, readLogs }: FollowOptions,
): Promise<RequestRecord | undefined> {
  let logs: readonly LogLine[] = [];
  let state = toQueued(undefined);
  for await (const event of events) {
    const next = toNextState(state, event);
    if (!next) continue;
    state = next;
    if (readLogs && addsToLog(event)) logs = await readLines(readLogs, logs);
    onQueueUpdate({ requestId, logs, ...state });
    if (event.kind === 'end') return event.data;
  }
  return undefined;
}

/** `undefined` for an event that needs no update: the end of a request comes as `status` first, then as `end` with the record. */
function toNextState(state: QueueState, event: RequestEvent): QueueState | undefined {
  switch (event.kind) {
    case 'queue':
      return toQueued(event.data);
    case 'progress':
      return { status: 'processing', progress: event.data };
    case 'attempt':
      return state;
    case 'status':
      if (event.data.status === 'queued') return toQueued(undefined);
      return event.data.status === 'processing' ? { status: 'processing', progress: undefined } : undefined;
    case 'end':
      return { status: event.data.status as FinalStatus, record: event.data }; // nothing else ends
    case 'webhook':
      return undefined;
  }
}

function toQueued(queue: QueueRecord | undefined): QueueState {
  return { status: 'queued', position: queue?.position ?? null, queue };
}

function addsToLog({ kind }: RequestEvent): boolean {
  return kind !== 'queue' && kind !== 'progress';
}

/** A log that cannot be read must not end the wait. */
async function readLines(readLogs: () => Promise<RequestLog>, before: readonly LogLine[]): Promise<readonly LogLine[]> {
  try {
    return (await readLogs()).logs;
  } catch {
    return before;
  }
}
