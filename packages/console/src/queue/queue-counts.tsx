import type { RequestStatus } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { statusWords } from '../record-facts.ts';
import { useReading } from '../session.tsx';

const counted = ['queued', 'processing', 'success', 'failed', 'cancelled'] as const satisfies readonly RequestStatus[];
const pollMs = 2_000;

/** How many requests of the caller's organization there are of each status. */
export function QueueCounts() {
  const { darkroom } = useReading();
  const { data } = useQuery({
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
    <ul className="counts" aria-label="Requests of your organization">
      {counted.map((status, index) => (
        <li key={status}>
          <Link to="/gallery" search={{ status }}>
            <span className="count-number">{data?.[index]?.total.toLocaleString('en') ?? '–'}</span>
            <span className={`badge ${status}`}>{statusWords[status]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
