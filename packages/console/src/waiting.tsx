import type { RequestRecord } from '@darkroom/protocol';
import { formatDuration, formatTime } from './formats.ts';
import { useProgress } from './request-stream.ts';

/** The state of a request under way: its position and why it is not being worked on, or the progress of the upstream. */
export function Waiting({ record }: { readonly record: RequestRecord }) {
  if (record.status === 'processing') return <Progress requestId={record.request_id} />;
  if (record.status !== 'queued' || !record.queue) return null;
  const { position, message, estimated_start_at: startAt, until } = record.queue;
  return (
    <p className="waiting" aria-live="polite">
      {message}
      {position !== null && position > 0 && ` ${position.toLocaleString('en')} ahead of it.`}
      {until !== undefined
        ? ` Until ${formatTime(until)}.`
        : startAt !== null && ` Starts about ${formatTime(startAt)}.`}
    </p>
  );
}

function Progress({ requestId }: { readonly requestId: string }) {
  const progress = useProgress(requestId);
  if (!progress) return null;
  const { attempt, typical_ms: typicalMs } = progress;
  const typical = typicalMs === null ? '' : ` This usually takes ${formatDuration(Math.ceil(typicalMs / 1_000))}.`;
  return (
    <p className="waiting">
      {attempt === 1 ? 'The model is at work.' : `The model is at work, attempt ${attempt}.`}
      {typical}
    </p>
  );
}
