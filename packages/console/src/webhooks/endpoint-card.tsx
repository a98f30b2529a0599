import type { EndpointRecord, WebhookTestRecord } from '@darkroom/protocol';
import { ConfirmButton } from '../confirm-button.tsx';
import { formatMoment } from '../formats.ts';
import { Problem } from '../problem.tsx';
import { statusWords } from '../record-facts.ts';
import { toSentence } from '../sentences.ts';
import { toStatuses } from './endpoint-form.tsx';
import { EndpointSecret } from './endpoint-secret.tsx';
import { useSecret, useWebhookChanges } from './webhook-queries.ts';

export interface EndpointCardProps {
  readonly record: EndpointRecord;
  readonly onEdit: () => void;
}

/** One endpoint: its state, its events and its actions. */
export function EndpointCard({ record, onEdit }: EndpointCardProps) {
  const { id, url } = record;
  const { update, remove, test } = useWebhookChanges();
  const secret = useSecret(id);
  const isPaused = record.paused_at !== null;
  const error = update.error ?? remove.error ?? test.error ?? secret.error;
  return (
    <article className="endpoint panel" aria-label={url}>
      <div className="upstream-head">
        <h3>{url}</h3>
        <State record={record} />
      </div>
      <p className="facts">
        {toStatuses(record).map((status) => (
          <span key={status}>{statusWords[status]}</span>
        ))}
      </p>
      <Troubles record={record} />
      <div className="actions">
        <button type="button" aria-disabled={test.isPending} onClick={() => !test.isPending && test.mutate(id)}>
          Send a test
        </button>
        <button type="button" onClick={onEdit}>
          Edit
        </button>
        <button type="button" aria-disabled={update.isPending} onClick={() => update.mutate({ id, paused: !isPaused })}>
          {isPaused ? 'Resume' : 'Pause'}
        </button>
        <button type="button" aria-disabled={secret.isBusy} onClick={secret.show}>
          Show secret
        </button>
        <RotateButton url={url} isBusy={secret.isBusy} onConfirm={secret.rotate} />
        <DeleteButton url={url} isBusy={remove.isPending} onConfirm={() => remove.mutate(id)} />
      </div>
      {test.data && <p role="status">{describeTest(test.data)}</p>}
      {secret.shown && <EndpointSecret url={url} secret={secret.shown.secret} onDone={secret.hide} />}
      {error && <Problem>{toSentence(error)}</Problem>}
    </article>
  );
}

interface AskingProps {
  readonly url: string;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
}

function RotateButton({ url, ...asking }: AskingProps) {
  return (
    <ConfirmButton name="New secret" question="Make a new secret?" {...asking}>
      The old secret also signs for 24 hours. Change it at {url} by then.
    </ConfirmButton>
  );
}

function DeleteButton({ url, ...asking }: AskingProps) {
  return (
    <ConfirmButton name="Delete" question="Delete this endpoint?" {...asking}>
      {url} will no longer be called, and its pending deliveries are given up.
    </ConfirmButton>
  );
}

function State({ record: { paused_at: pausedAt, failures } }: { readonly record: EndpointRecord }) {
  if (pausedAt !== null) return <span className="badge failed">Paused</span>;
  return failures > 0 ? <span className="badge failed">Failing</span> : <span className="badge success">Active</span>;
}

function Troubles({ record }: { readonly record: EndpointRecord }) {
  const { failures, failing_since: since, paused_at: pausedAt, pause_reason: reason, old_secret_until: until } = record;
  return (
    <>
      {pausedAt !== null && (
        <p className="why">
          Its deliveries have been waiting since {formatMoment(pausedAt)}. {reason}
        </p>
      )}
      {pausedAt === null && failures > 0 && since !== null && (
        <p className="why">
          {failures === 1 ? 'The last attempt' : `The last ${failures.toLocaleString('en')} attempts`} failed, since{' '}
          {formatMoment(since)}.
        </p>
      )}
      {until !== null && <p className="soft small">The old secret also signs until {formatMoment(until)}.</p>}
    </>
  );
}

function describeTest({ delivered, http_status: status, failure }: WebhookTestRecord): string {
  if (delivered) return `It accepted the test message: ${status}.`;
  return `It did not accept the test message: ${failure ?? `it answered ${status}`}`;
}
