import type { RequestEvent } from './event-stream.ts';
import type { LogLine, ProgressRecord, QueueRecord, RequestLog, RequestRecord } from './shapes.ts';

interface UpdateFacts {
  readonly requestId: string;
  /** What has happened so far, in sentences, oldest first. Empty unless `logs` was asked for. */
  readonly logs: readonly LogLine[];
}

/** How a request stands. To compare `status` tells the kinds apart. */
export type QueueUpdate = UpdateFacts &
  (
    | {
        readonly status: 'queued';
        /** How many requests are served before this one; `null` when that is not known, or when the request is not due. */
        readonly position: number | null;
        /** Why it waits, and how long it may take. `undefined` until the server says so. */
        readonly queue: QueueRecord | undefined;
      }
    | { readonly status: 'processing'; readonly progress: ProgressRecord | undefined }
    | { readonly status: 'success' | 'failed' | 'cancelled'; readonly record: RequestRecord }
  );

type State =
  | { readonly status: 'queued'; readonly queue?: QueueRecord }
  | { readonly status: 'processing'; readonly progress?: ProgressRecord }
  | { readonly status: 'success' | 'failed' | 'cancelled'; readonly record: RequestRecord };

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
  let state: State = { status: 'queued' };
  for await (const event of events) {
    if (event.kind === 'webhook') continue;
    state = toNextState(state, event);
    // Lines are only added when something happened. A log that cannot be read must not end the wait.
    const isNew = event.kind !== 'queue' && event.kind !== 'progress';
    if (isNew && readLogs)
      logs = await readLogs().then(
        ({ logs: lines }) => lines,
        () => logs,
      );
    // An `end` follows, with the record.
    if (event.kind === 'status' && isFinal(event.data.status)) continue;
    onQueueUpdate(toUpdate(state, { requestId, logs }));
    if (event.kind === 'end') return event.data;
  }
  return undefined;
}

function toNextState(state: State, event: RequestEvent): State {
  switch (event.kind) {
    case 'queue':
      return { status: 'queued', queue: event.data };
    case 'progress':
      return { status: 'processing', progress: event.data };
    case 'status':
      return event.data.status === 'queued' || event.data.status === 'processing'
        ? { status: event.data.status }
        : state;
    case 'end':
      return { status: event.data.status as FinalStatus, record: event.data }; // nothing else ends
    case 'attempt':
    case 'webhook':
      return state;
  }
}

type FinalStatus = 'success' | 'failed' | 'cancelled';

function isFinal(status: RequestRecord['status']): status is FinalStatus {
  return status !== 'queued' && status !== 'processing';
}

function toUpdate(state: State, facts: UpdateFacts): QueueUpdate {
  switch (state.status) {
    case 'queued':
      return { ...facts, status: state.status, position: state.queue?.position ?? null, queue: state.queue };
    case 'processing':
      return { ...facts, status: state.status, progress: state.progress };
    case 'success':
    case 'failed':
    case 'cancelled':
      return { ...facts, ...state };
  }
}
