import { toSentence } from '../session.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { QueueCounts } from './queue-counts.tsx';
import { UpstreamCard } from './upstream-card.tsx';
import { useUpstreams } from './upstreams.ts';
import '../styles/queue.css';

/** What the queue does, and why; for operators also the brakes and the dead letters. */
export function QueuePage() {
  const { data, error, isRefused } = useUpstreams({ isFollowed: true });
  return (
    <main className="page">
      <div className="page-head">
        <h1>Queue</h1>
      </div>
      <QueueCounts />
      {isRefused && (
        <p className="soft nothing">
          Upstreams and dead letters are the operator’s: sign in with an admin key to see them.
        </p>
      )}
      {error && !isRefused && <p className="problem">{toSentence(error)}</p>}
      {data && (
        <>
          <section className="part" aria-labelledby="upstreams">
            <h2 id="upstreams" className="title">
              Upstreams
            </h2>
            <ul className="upstreams">
              {data.upstreams.map((upstream) => (
                <li key={`${upstream.upstream} ${upstream.model}`}>
                  <UpstreamCard record={upstream} />
                </li>
              ))}
            </ul>
          </section>
          <DeadLetters />
        </>
      )}
    </main>
  );
}
