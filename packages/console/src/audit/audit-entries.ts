import type { AuditFilter } from '@darkroom/client';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { toMidnight } from '../days.ts';
import { useDarkroomAdmin, useReading } from '../session.tsx';
import type { AuditSearch } from './audit-search.ts';

const pageSize = 50;
const pollMs = 30_000;

/** The entries that match, newest first, by the page. */
export function useAuditEntries(search: AuditSearch) {
  const { admin } = useReading();
  return useInfiniteQuery({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) =>
      admin.audit(
        { ...toFilter(search), limit: pageSize, ...(pageParam !== undefined && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: ({ next_cursor }) => next_cursor,
    // A reader who loads more looks at the past, which does not change.
    refetchInterval: ({ state }) => state.data?.pages.length === 1 && pollMs,
  });
}

/** Saves all entries that match as a file of JSON lines. Resolves to how many there are. */
export function useExportAudit() {
  const admin = useDarkroomAdmin();
  return useMutation({
    mutationFn: async (search: AuditSearch) => {
      const lines: string[] = [];
      for await (const entry of admin.exportAudit(toFilter(search))) lines.push(`${JSON.stringify(entry)}\n`);
      saveFile(new Blob(lines, { type: 'application/jsonl' }), 'audit.jsonl');
      return lines.length;
    },
  });
}

function toFilter({ by, action, target, organization, from, to }: AuditSearch): AuditFilter {
  return {
    ...(by !== undefined && { by }),
    ...(action && { action }),
    ...(target !== undefined && { target }),
    ...(organization !== undefined && { organizationId: organization }),
    ...(from !== undefined && { from: toMidnight(from) }),
    ...(to !== undefined && { before: toMidnight(to, 1) }),
  };
}

function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
