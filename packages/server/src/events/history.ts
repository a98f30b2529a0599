import type { RequestEvent } from '../core/request-events.ts';
import type { EventStore } from '../store/event-store.ts';

const pageSize = 500;

/** All events of the organization's request after `after`, in order; some tens for a request that was tried often. */
export async function readHistory(
  events: Pick<EventStore, 'ofRequest'>,
  query: { readonly organizationId: string; readonly requestId: string; readonly after: number },
): Promise<readonly RequestEvent[]> {
  const history: RequestEvent[] = [];
  for (;;) {
    const after = history.at(-1)?.seq ?? query.after;
    const page = await events.ofRequest(query.organizationId, query.requestId, { after, limit: pageSize });
    history.push(...page);
    if (page.length < pageSize) return history;
  }
}
