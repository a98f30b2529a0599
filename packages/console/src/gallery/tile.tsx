import type { RequestRecord } from '@darkroom/protocol';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { formatMoment } from '../formats.ts';
import { statusWords, toPictures, toPrompt, toWireName } from '../record-facts.ts';

/** One request of the gallery. A click opens its details. */
export const Tile = memo(function Tile({ record }: { readonly record: RequestRecord }) {
  const [picture, ...others] = toPictures(record);
  const wire = toWireName(record);
  return (
    <Link
      className="tile"
      from="/gallery"
      to="/gallery"
      search={(search) => ({ ...search, request: record.request_id })}
      // Closing the details does not go back in the history, so opening them adds no entry.
      replace
      resetScroll={false}
    >
      <span className={`tile-picture ${record.status}`}>
        {picture && (
          <img
            src={picture.thumbnailUrl}
            alt=""
            width={picture.media?.width}
            height={picture.media?.height}
            loading="lazy"
            decoding="async"
          />
        )}
        {others.length > 0 && <span className="count">×{others.length + 1}</span>}
        {record.status !== 'success' && <span className={`badge ${record.status}`}>{statusWords[record.status]}</span>}
      </span>
      <span className="tile-prompt">{toPrompt(record)}</span>
      <span className="tile-facts">
        {formatMoment(record.created_at)}
        {wire && ` · ${wire}`}
      </span>
    </Link>
  );
});
