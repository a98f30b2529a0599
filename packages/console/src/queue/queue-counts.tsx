import type { RequestStatus } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ReadState } from '../read-state.tsx';
import { statusWords } from '../record-facts.ts';
import { useReading } from '../session.tsx';

const counted = ['queued', 'processing', 'success', 'failed', 'cancelled'] as const satisfies readonly RequestStatus[];
const pollMs = 2_000;

/** How many requests of the caller's organization have each status. */
export function QueueCounts() {
  const { darkroom } = useReading();
  const query = useQuery({
    queryKey: ['counts'],
    queryFn: ({ signal }) =>
      Promise.all(
        counted.map(async (status) => ({
          status,
          total: (await darkroom.list({ status, limit: 1 }, { signal })).total,
        })),
      ),
    refetchInterval: pollMs,
  });
  return (
    <>
      <ReadState of={query} />
      <ul className="counts" aria-label="Requests of your organization">
        {counted.map((status, index) => (
          <li key={status}>
            <Link to="/gallery" search={{ status }}>
              <span className="count-number">{query.data?.[index]?.total.toLocaleString('en') ?? '–'}</span>
              <span className={`badge ${status}`}>{statusWords[status]}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
