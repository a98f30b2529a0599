import type { RequestRecord } from '@darkroom/protocol';
import { useRef } from 'react';
import { isUnderWay } from '../record-facts.ts';
import { useRowsInView } from './rows-in-view.ts';
import { Tile } from './tile.tsx';
import { TileActions } from './tile-actions.tsx';

export interface WindowedTilesProps {
  readonly requests: readonly RequestRecord[];
  /** Whether all items have been read. */
  readonly isComplete: boolean;
  readonly isDeleting: boolean;
  readonly onDelete: (record: RequestRecord) => void;
}

/** Tiles in rows. Only the rows near the view are in the document, so that thousands scroll as smoothly as a few. */
export function WindowedTiles({ requests, isComplete, isDeleting, onDelete }: WindowedTilesProps) {
  const list = useRef<HTMLUListElement>(null);
  const { first, last, before, after } = useRowsInView(list, requests.length);
  return (
    <ul ref={list} className="tiles" style={{ paddingBlock: `${before}px ${after}px` }}>
      {requests.slice(first, last).map((record, index) => (
        <li
          key={record.request_id}
          aria-posinset={first + index + 1}
          aria-setsize={isComplete ? requests.length : unknownSize}
        >
          <Tile record={record} />
          {!isUnderWay(record) && <TileActions record={record} isBusy={isDeleting} onDelete={() => onDelete(record)} />}
        </li>
      ))}
    </ul>
  );
}

/** The attributes that ARIA defines for an item of a partly rendered list. */
const unknownSize = -1;
