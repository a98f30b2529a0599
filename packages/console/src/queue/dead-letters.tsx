import type { RequeueSelection } from '@darkroom/client';
import type { RequestRecord } from '@darkroom/protocol';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ConfirmButton } from '../confirm-button.tsx';
import { formatMoment } from '../formats.ts';
import { EndOfList } from '../gallery/end-of-list.tsx';
import { Problem } from '../problem.tsx';
import { ReadState } from '../read-state.tsx';
import { toFailure, toPrompt } from '../record-facts.ts';
import { toSentence } from '../sentences.ts';
import { useDarkroomAdmin, useReading } from '../session.tsx';

const pageSize = 25;
const pollMs = 10_000;

/** Failed requests of all organizations, newest first, with buttons to queue them again. */
export function DeadLetters() {
  const [code, setCode] = useState<string>();
  const query = useFailed(code);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const requeue = useRequeueMany();
  const requests = data?.pages.flatMap((page) => page.requests) ?? [];
  return (
    <section className="part" aria-labelledby="dead-letters">
      <div className="page-head">
        <h2 id="dead-letters" className="title">
          Dead letters
        </h2>
        {requests.length > 0 && <RequeueAll code={code} onAllCodes={() => setCode(undefined)} requeue={requeue} />}
      </div>
      <p role="status">{requeue.data && describeRequeued(requeue.data.requeued)}</p>
      {requeue.error && <Problem>{toSentence(requeue.error)}</Problem>}
      <ReadState of={query} />
      {data && requests.length === 0 && <p className="soft">No request has failed.</p>}
      <ul className="letters">
        {requests.map((record) => (
          <li key={record.request_id}>
            <Letter
              record={record}
              onCode={setCode}
              isBusy={requeue.isPending}
              onRequeue={() => requeue.mutate({ requestIds: [record.request_id] })}
            />
          </li>
        ))}
      </ul>
      <EndOfList hasMore={hasNextPage} isReading={isFetchingNextPage} onMore={() => void fetchNextPage()} />
    </section>
  );
}

interface RequeueAllProps {
  /** The chosen failure code: only requests that failed with it are shown and requeued. */
  readonly code: string | undefined;
  readonly onAllCodes: () => void;
  readonly requeue: ReturnType<typeof useRequeueMany>;
}

function RequeueAll({ code, onAllCodes, requeue }: RequeueAllProps) {
  return (
    <div className="actions">
      {code !== undefined && (
        <button type="button" onClick={onAllCodes}>
          Show all codes
        </button>
      )}
      <ConfirmButton
        name={code === undefined ? 'Requeue all' : `Requeue all with ${code}`}
        question={
          code === undefined ? 'Requeue every failed request?' : `Requeue every request that failed with ${code}?`
        }
        isBusy={requeue.isPending}
        onConfirm={() => requeue.mutate(code === undefined ? { all: true } : { code })}
      >
        This requeues the requests of all organizations, including those further down this list. Their cost is spent.
      </ConfirmButton>
    </div>
  );
}

interface LetterProps {
  readonly record: RequestRecord;
  readonly onCode: (code: string) => void;
  readonly isBusy: boolean;
  readonly onRequeue: () => void;
}

function Letter({ record, onCode, isBusy, onRequeue }: LetterProps) {
  const failure = toFailure(record);
  return (
    <div className="letter">
      <div className="letter-words">
        <Link to="/gallery" search={{ status: 'failed', request: record.request_id }}>
          {toPrompt(record)}
        </Link>
        <p className="soft small">{failure?.message}</p>
        <p className="facts">
          <span>{formatMoment(record.updated_at)}</span>
          <span>{record.org_id}</span>
        </p>
      </div>
      <div className="actions">
        {failure && (
          <button type="button" className="code" title="Show only this code" onClick={() => onCode(failure.code)}>
            {failure.code}
          </button>
        )}
        <button type="button" aria-disabled={isBusy} onClick={onRequeue}>
          Requeue <span className="visually-hidden">{toPrompt(record)}</span>
        </button>
      </div>
    </div>
  );
}

function useFailed(code: string | undefined) {
  const { admin } = useReading();
  return useInfiniteQuery({
    queryKey: ['failed', code],
    queryFn: ({ pageParam, signal }) =>
      admin.failed(
        { limit: pageSize, ...(code !== undefined && { code }), ...(pageParam !== undefined && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: ({ next_cursor }) => next_cursor,
    // A reader who loads more looks at the past, which does not change.
    refetchInterval: ({ state }) => state.data?.pages.length === 1 && pollMs,
  });
}

function useRequeueMany() {
  const admin = useDarkroomAdmin();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (selection: RequeueSelection) => admin.requeue(selection),
    // All lists and counts have changed.
    onSuccess: () => void queries.invalidateQueries(),
  });
}

function describeRequeued(count: number): string {
  return count === 1 ? '1 request was queued again.' : `${count.toLocaleString('en')} requests were queued again.`;
}
