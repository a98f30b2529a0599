import type { Throughput } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { BarChart } from '../bar-chart.tsx';
import { formatClock } from '../formats.ts';
import { ReadState } from '../read-state.tsx';
import { useReading } from '../session.tsx';

const pollMs = 10_000;
const chartHeight = 180;

/** How many requests of all organizations ended in each of the last 60 minutes. */
export function ThroughputChart() {
  const { admin } = useReading();
  const query = useQuery({
    queryKey: ['throughput'],
    queryFn: ({ signal }) => admin.throughput({ signal }),
    refetchInterval: pollMs,
  });
  const { data } = query;
  return (
    <section className="part" aria-labelledby="throughput">
      <div className="page-head">
        <h2 id="throughput" className="title">
          Throughput
        </h2>
        {data && <p className="soft">{describe(data)}</p>}
      </div>
      <ReadState of={query} />
      {data && (
        <BarChart
          name="Requests ended per minute"
          keyName="Minute"
          height={chartHeight}
          bars={data.minutes.map(({ at, success, failed, cancelled }) => ({
            key: formatClock(at),
            label: formatClock(at),
            value: success + failed + cancelled,
          }))}
          format={(value) => value.toLocaleString('en')}
        />
      )}
    </section>
  );
}

function describe({ minutes }: Throughput): string {
  const sum = (status: 'success' | 'failed' | 'cancelled') =>
    minutes.reduce((total, minute) => total + minute[status], 0).toLocaleString('en');
  return `In the last hour ${sum('success')} ready, ${sum('failed')} failed, ${sum('cancelled')} cancelled.`;
}
