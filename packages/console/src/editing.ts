import { useEffect } from 'react';
import type { DraftStore, Editing } from './draft-store.ts';
import { isUnderWay, toPrompt } from './record-facts.ts';
import { useRequest } from './requests.ts';

/** The request whose picture is edited. Once the last change has its picture, that picture is edited instead. */
export function useEdited(store: DraftStore, editing: Editing | undefined) {
  const query = useRequest(editing?.requestId);
  const { data: next, error } = useRequest(editing?.nextId);
  useEffect(() => {
    const now = store.read();
    if (!next || isUnderWay(next) || now.editing?.nextId !== next.request_id) return;
    if (next.status === 'success') {
      store.change({ editing: { requestId: next.request_id, image: 0 } });
      return;
    }
    const { requestId, image } = now.editing;
    // The change ended without a picture, so the reader can reword it.
    store.change({ editing: { requestId, image }, ...(now.prompt === '' && { prompt: toPrompt(next) }) });
  }, [store, next]);
  return {
    query,
    record: query.data,
    /** The previous turn has no picture yet, so nothing can continue from it. */
    isWaiting: editing !== undefined && ((editing.nextId !== undefined && !error) || query.isPending),
  };
}
