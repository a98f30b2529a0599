import type { RequestRecord } from '@darkroom/protocol';
import { useRef } from 'react';
import { useRowsInView } from './rows-in-view.ts';
import { Tile } from './tile.tsx';

export interface WindowedTilesProps {
  readonly requests: readonly RequestRecord[];
  /** Is nothing left to be read? */
  readonly isComplete: boolean;
}

/** Tiles in rows, of which only those near the view are in the document: thousands scroll like a few. */
export function WindowedTiles({ requests, isComplete }: WindowedTilesProps) {
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
        </li>
      ))}
    </ul>
  );
}

/** As ARIA has it. */
const unknownSize = -1;
