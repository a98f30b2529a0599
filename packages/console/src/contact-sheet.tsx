import type { RequestRecord } from '@darkroom/protocol';
import { Link } from '@tanstack/react-router';
import { formatAge } from './formats.ts';
import { ReadState } from './read-state.tsx';
import { statusWords, toPictures, toPrompt } from './record-facts.ts';
import { useRecentRequests } from './requests.ts';
import './styles/contact-sheet.css';

/** The latest requests, shown as the frames of a film. */
export function ContactSheet({ selected }: { readonly selected: string | undefined }) {
  const query = useRecentRequests();
  const { data: list, dataUpdatedAt } = query;
  const requests = list?.requests ?? [];
  return (
    <section className="contact-sheet" aria-labelledby="latest">
      <h2 id="latest" className="field">
        Latest requests
      </h2>
      <ReadState of={query} />
      {list && requests.length === 0 && <p className="soft">None yet. They appear here, newest first.</p>}
      <ol className="film">
        {requests.map((record) => (
          <li key={record.request_id}>
            <Frame record={record} isSelected={record.request_id === selected} nowMs={dataUpdatedAt} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface FrameProps {
  readonly record: RequestRecord;
  readonly isSelected: boolean;
  readonly nowMs: number;
}

function Frame({ record, isSelected, nowMs }: FrameProps) {
  const pictures = toPictures(record);
  return (
    <Link className="frame" to="/" hash={record.request_id} activeOptions={{ includeHash: true }}>
      <span className={`exposure ${record.status}`}>
        {pictures[0] && <img src={pictures[0].thumbnailUrl} alt="" loading="lazy" decoding="async" />}
        {pictures.length > 1 && <span className="count">×{pictures.length}</span>}
        {isSelected && <GreasePencil />}
      </span>
      <span className="frame-prompt">{toPrompt(record)}</span>
      <span className="frame-facts">
        <span className={`badge ${record.status}`}>{statusWords[record.status]}</span>
        <time dateTime={new Date(record.created_at * 1_000).toISOString()}>{formatAge(record.created_at, nowMs)}</time>
      </span>
    </Link>
  );
}

/** The red ring that marks a frame on a contact sheet. */
function GreasePencil() {
  return (
    <svg className="grease-pencil" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      <path d="M28 7 C58 -1 92 8 96 42 C100 76 74 97 46 95 C17 93 1 72 4 44 C6 22 24 6 52 5 C66 4 78 9 86 17" />
    </svg>
  );
}
