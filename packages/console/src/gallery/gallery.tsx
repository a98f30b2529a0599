import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Problem } from '../problem.tsx';
import { ReadState } from '../read-state.tsx';
import { useDelete } from '../requests.ts';
import { toSentence } from '../sentences.ts';
import { useTitle } from '../title.ts';
import { EndOfList } from './end-of-list.tsx';
import { Filters } from './filters.tsx';
import { useGallery } from './gallery-requests.ts';
import type { GalleryFilters } from './gallery-search.ts';
import { RequestDrawer } from './request-drawer.tsx';
import { WindowedTiles } from './windowed-tiles.tsx';
import '../styles/gallery.css';

const route = getRouteApi('/gallery');

/** All requests and their pictures, newest first. */
export function Gallery() {
  useTitle('Gallery');
  const { request: opened, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useGallery(filters);
  const remove = useDelete();
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const requests = useMemo(() => data?.pages.flatMap((page) => page.requests) ?? [], [data]);
  const show = (changed: GalleryFilters) => void navigate({ search: changed, replace: true, resetScroll: false });
  const close = () => void navigate({ search: filters, replace: true, resetScroll: false });
  return (
    <main className="page">
      <div className="page-head">
        <h1>Gallery</h1>
        <p className="soft" role="status">
          {data &&
            describeCount({ filters, found: requests.length, total: data.pages[0]?.total, hasMore: hasNextPage })}
        </p>
      </div>
      <Filters filters={filters} onChange={show} />
      <ReadState of={query} />
      {data && requests.length === 0 && !hasNextPage && (
        <p className="soft nothing">{Object.keys(filters).length > 0 ? nothingFits : nothingYet}</p>
      )}
      <Problem>{remove.error && toSentence(remove.error)}</Problem>
      <WindowedTiles
        key={JSON.stringify(filters)}
        requests={requests}
        isComplete={!hasNextPage}
        isDeleting={remove.isPending}
        onDelete={({ request_id }) => remove.mutate(request_id)}
      />
      <EndOfList hasMore={hasNextPage} isReading={isFetchingNextPage} onMore={() => void fetchNextPage()} />
      {opened !== undefined && <RequestDrawer key={opened} requestId={opened} onClose={close} />}
    </main>
  );
}

const nothingYet = 'Nothing yet. The pictures that you request appear here, newest first.';
const nothingFits = 'No request matches these filters.';

interface Found {
  readonly filters: GalleryFilters;
  readonly found: number;
  readonly total: number | undefined;
  readonly hasMore: boolean;
}

/** The server counts by model and status only. With a text or days, the count is that of the requests read so far. */
function describeCount({ filters, found, total, hasMore }: Found): string {
  const { text, from, to } = filters;
  const isCounted = text === undefined && from === undefined && to === undefined && total !== undefined;
  const count = isCounted ? total : found;
  const number = `${count.toLocaleString('en')}${!isCounted && hasMore ? ' or more' : ''}`;
  return number === '1' ? '1 request' : `${number} requests`;
}
