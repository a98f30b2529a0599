import { Link } from '@tanstack/react-router';
import { EndOfList } from '../gallery/end-of-list.tsx';
import { OperatorsOnly } from '../operators-only.tsx';
import { Problem } from '../problem.tsx';
import { ReadState } from '../read-state.tsx';
import { toSentence } from '../sentences.ts';
import { useTitle } from '../title.ts';
import { useEndSession, useSessions } from './session-queries.ts';
import { SessionTable } from './session-table.tsx';
import '../styles/settings.css';

/** Who is signed in, for operators. */
export function SessionsPage() {
  useTitle('Sessions');
  return (
    <main className="page">
      <div className="page-head">
        <h1>Sessions</h1>
        <p className="soft">
          People who signed in through the provider. Limits and the end of a person’s access are set under{' '}
          <Link to="/keys">Keys</Link>.
        </p>
      </div>
      <OperatorsOnly what="Sessions are">
        <Sessions />
      </OperatorsOnly>
    </main>
  );
}

function Sessions() {
  const query = useSessions();
  const ending = useEndSession();
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const sessions = data?.pages.flatMap((page) => page.sessions) ?? [];
  return (
    <section className="part" aria-label="All sessions">
      {ending.error && <Problem>{toSentence(ending.error)}</Problem>}
      <ReadState of={query} />
      {data && sessions.length === 0 && (
        <p className="soft">
          Nobody has signed in yet. <a href="/docs/how-to/sign-in-with-openid-connect">How to set it up</a>
        </p>
      )}
      {sessions.length > 0 && <SessionTable sessions={sessions} isBusy={ending.isPending} onEnd={ending.mutate} />}
      <EndOfList hasMore={hasNextPage} isReading={isFetchingNextPage} onMore={() => void fetchNextPage()} />
    </section>
  );
}
