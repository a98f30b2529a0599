import type { RequestRecord } from '@darkroom/protocol';
import { Link } from '@tanstack/react-router';
import { CancelButton } from '../cancel-button.tsx';
import { useMe } from '../me.ts';
import { isUnderWay } from '../record-facts.ts';
import { useDelete, useSubmitAgain } from '../requests.ts';
import { useSelectRequest } from '../selected-request.ts';
import { toSentence } from '../sentences.ts';
import { DeleteRequest } from './delete-request.tsx';
import { useRequeue } from './gallery-requests.ts';

export interface RequestActionsProps {
  readonly record: RequestRecord;
  readonly onDeleted: () => void;
}

/** The actions on a request. */
export function RequestActions({ record, onDeleted }: RequestActionsProps) {
  const again = useSubmitAgain();
  const requeue = useRequeue();
  const remove = useDelete();
  const select = useSelectRequest();
  const isAdmin = useMe()?.is_admin;
  const isRequeueable = isAdmin === true && (record.status === 'failed' || record.status === 'cancelled');
  const problem = again.error ?? requeue.error ?? remove.error;
  return (
    <div className="actions">
      <Link to="/" hash={record.request_id} className="button">
        Open in the studio
      </Link>
      {isUnderWay(record) && <CancelButton requestId={record.request_id} />}
      <button
        type="button"
        aria-disabled={again.isPending}
        onClick={() => again.mutate(record, { onSuccess: ({ request_id }) => select(request_id) })}
      >
        Run again
      </button>
      {isRequeueable && (
        <button type="button" aria-disabled={requeue.isPending} onClick={() => requeue.mutate(record.request_id)}>
          Requeue
        </button>
      )}
      {!isUnderWay(record) && (
        <DeleteRequest
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate(record.request_id, { onSuccess: onDeleted })}
        />
      )}
      {problem && (
        <span className="problem" role="alert">
          {toSentence(problem)}
        </span>
      )}
    </div>
  );
}
