import { getRouteApi } from '@tanstack/react-router';
import { toSentence } from '../session.tsx';
import { EndOfList } from './end-of-list.tsx';
import { Filters } from './filters.tsx';
import { useGallery } from './gallery-requests.ts';
import { RequestDrawer } from './request-drawer.tsx';
import { Tile } from './tile.tsx';
import '../styles/gallery.css';

const route = getRouteApi('/gallery');

/** Everything that was made or asked for, newest first. */
export function Gallery() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage, failureReason } = useGallery(search);
  const requests = data?.pages.flatMap((page) => page.requests) ?? [];
  const total = data?.pages[0]?.total;
  const problem = error ?? failureReason;
  const close = () => void navigate({ search: ({ request: _closed, ...filters }) => filters, replace: true });
  return (
    <main className="page">
      <div className="page-head">
        <h1>Gallery</h1>
        <p className="soft" role="status">
          {total !== undefined && (total === 1 ? '1 request' : `${total.toLocaleString('en')} requests`)}
        </p>
      </div>
      <Filters search={search} onChange={(filters) => void navigate({ search: filters })} />
      {problem && <p className="problem">{toSentence(problem)}</p>}
      {data && requests.length === 0 && (
        <p className="soft nothing">Nothing here. Pictures that you ask for appear here, newest first.</p>
      )}
      <ul className="tiles">
        {requests.map((record) => (
          <li key={record.request_id}>
            <Tile record={record} />
          </li>
        ))}
      </ul>
      <EndOfList hasMore={hasNextPage} isReading={isFetchingNextPage} onMore={() => void fetchNextPage()} />
      {search.request !== undefined && (
        <RequestDrawer key={search.request} requestId={search.request} onClose={close} />
      )}
    </main>
  );
}
