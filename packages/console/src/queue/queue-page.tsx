import { OperatorsOnly } from '../operators-only.tsx';
import { ReadState } from '../read-state.tsx';
import { useTitle } from '../title.ts';
import { DeadLetters } from './dead-letters.tsx';
import { QueueCounts } from './queue-counts.tsx';
import { ThroughputChart } from './throughput-chart.tsx';
import { UpstreamCard } from './upstream-card.tsx';
import { useUpstreams } from './upstreams.ts';
import '../styles/queue.css';

/** What the queue is doing and why. Operators can also pause upstreams and requeue failed requests here. */
export function QueuePage() {
  useTitle('Queue');
  return (
    <main className="page">
      <div className="page-head">
        <h1>Queue</h1>
      </div>
      <QueueCounts />
      <OperatorsOnly what="Throughput, upstreams and dead letters are">
        <ThroughputChart />
        <Upstreams />
        <DeadLetters />
      </OperatorsOnly>
    </main>
  );
}

function Upstreams() {
  const query = useUpstreams();
  return (
    <section className="part" aria-labelledby="upstreams">
      <h2 id="upstreams" className="title">
        Upstreams
      </h2>
      <ReadState of={query} />
      <ul className="upstreams">
        {query.data?.upstreams.map((upstream) => (
          <li key={`${upstream.upstream} ${upstream.model}`}>
            <UpstreamCard record={upstream} />
          </li>
        ))}
      </ul>
    </section>
  );
}
