import { getRouteApi } from '@tanstack/react-router';
import { EndOfList } from '../gallery/end-of-list.tsx';
import { OperatorsOnly } from '../operators-only.tsx';
import { Problem } from '../problem.tsx';
import { ReadState } from '../read-state.tsx';
import { toSentence } from '../sentences.ts';
import { useTitle } from '../title.ts';
import { useAuditEntries, useExportAudit } from './audit-entries.ts';
import { AuditFilters } from './audit-filters.tsx';
import type { AuditSearch } from './audit-search.ts';
import { AuditTable } from './audit-table.tsx';
import '../styles/settings.css';
import '../styles/audit.css';

const route = getRouteApi('/audit');

/** Who changed what, for operators. */
export function AuditPage() {
  useTitle('Audit log');
  return (
    <main className="page">
      <div className="page-head">
        <h1>Audit log</h1>
        <p className="soft">Who changed what, when and from where. Entries are never changed and never removed.</p>
      </div>
      <OperatorsOnly what="The audit log is">
        <Log />
      </OperatorsOnly>
    </main>
  );
}

function Log() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useAuditEntries(search);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  const show = (shown: AuditSearch) => void navigate({ search: shown, replace: true });
  return (
    <>
      <AuditFilters search={search} onChange={show} />
      <Export search={search} />
      <ReadState of={query} />
      {data && entries.length === 0 && <p className="soft">No entry matches.</p>}
      {entries.length > 0 && <AuditTable entries={entries} onNarrow={(one) => show({ ...search, ...one })} />}
      <EndOfList hasMore={hasNextPage} isReading={isFetchingNextPage} onMore={() => void fetchNextPage()} />
    </>
  );
}

function Export({ search }: { readonly search: AuditSearch }) {
  const { mutate, isPending, data: count, error } = useExportAudit();
  return (
    <div className="export">
      <button type="button" aria-disabled={isPending} onClick={() => !isPending && mutate(search)}>
        Export as JSON lines
      </button>
      <p role="status" className="soft">
        {count !== undefined && `${count.toLocaleString('en')} ${count === 1 ? 'entry was' : 'entries were'} saved.`}
      </p>
      {error && <Problem>{toSentence(error)}</Problem>}
    </div>
  );
}
