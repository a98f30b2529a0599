import type { RequestRecord } from '@darkroom/protocol';
import { CancelButton } from './cancel-button.tsx';
import { CodePanel } from './code-panel.tsx';
import { CompareTurns } from './compare-turns.tsx';
import { formatDollars, formatDuration } from './formats.ts';
import { PictureFrame } from './picture-frame.tsx';
import { ReadState } from './read-state.tsx';
import { isUnderWay, statusWords, toFailure, toMissing, toPictures, toPrompt, toStandIn } from './record-facts.ts';
import { useRequest } from './requests.ts';
import { Sources } from './sources.tsx';
import { useTitle } from './title.ts';
import { Elapsed, Tray } from './tray.tsx';
import { TurnStrip } from './turn-strip.tsx';
import { Waiting } from './waiting.tsx';
import './styles/print.css';

export interface PrintProps {
  readonly requestId: string;
  /** Called when the reader wants to change a picture of this request: which one, from 0. */
  readonly onEdit: (record: RequestRecord, image: number) => void;
}

/** One request, enlarged: its tray while it develops, then its pictures or why there are none. */
export function Print({ requestId, onEdit }: PrintProps) {
  const query = useRequest(requestId);
  const { data: record } = query;
  // The title of the tab shows when it is done.
  useTitle(record && statusWords[record.status]);
  return (
    <>
      <div className="print-head">
        <p className="status" role="status">
          {record && <span className={`badge ${record.status}`}>{statusWords[record.status]}</span>}
        </p>
        <ReadState of={query} />
        {record && <Facts record={record} />}
        {record && isUnderWay(record) && <CancelButton requestId={requestId} />}
      </div>
      {record && <Waiting record={record} />}
      <div className="print-body">{record && <PrintBody key={requestId} record={record} onEdit={onEdit} />}</div>
      {record && <Sources record={record} />}
      {record && <p className="told-prompt">{toPrompt(record)}</p>}
      {record && toPictures(record).length === 1 && (
        <button type="button" className="keep-editing" onClick={() => onEdit(record, 0)}>
          Keep editing
        </button>
      )}
      {record && <TurnStrip record={record} />}
      {record && <CompareTurns key={`${requestId} compared`} record={record} />}
      {record && <CodePanel record={record} />}
    </>
  );
}

/** Shown until a request is selected. */
export function EmptyPrint() {
  return (
    <div className="print-body">
      <div className="empty">
        <span className="paper" aria-hidden="true" />
        <p className="title">Nothing in the tray yet</p>
        <p className="soft">Describe a picture. It develops here.</p>
      </div>
    </div>
  );
}

type PrintBodyProps = Pick<PrintProps, 'onEdit'> & { readonly record: RequestRecord };

function PrintBody({ record, onEdit }: PrintBodyProps) {
  switch (record.status) {
    case 'queued':
    case 'processing':
      return <Tray record={record} />;
    case 'success':
      return <Pictures record={record} onEdit={onEdit} />;
    case 'failed':
      return <Failed record={record} />;
    case 'cancelled':
      return (
        <div className="spoiled">
          <span className="paper" aria-hidden="true" />
          <p className="title">Cancelled</p>
          <p>This request was cancelled before its picture was made.</p>
        </div>
      );
  }
}

/** With several pictures, each has its own edit button. A single picture has the button below it. */
function Pictures({ record, onEdit }: PrintBodyProps) {
  const pictures = toPictures(record);
  const standIn = toStandIn(record);
  return (
    <div className={pictures.length > 1 ? 'pictures many' : 'pictures'}>
      {pictures.map((picture, index) => (
        <PictureFrame key={picture.id} picture={picture} alt={toPrompt(record)}>
          {pictures.length > 1 && (
            <button type="button" onClick={() => onEdit(record, index)}>
              Edit picture {index + 1}
            </button>
          )}
        </PictureFrame>
      ))}
      {standIn && <p className="soft">{standIn}</p>}
      {toMissing(record).map((message) => (
        <p key={message} className="problem">
          A picture is missing: {message}
        </p>
      ))}
    </div>
  );
}

function Failed({ record }: { readonly record: RequestRecord }) {
  const failure = toFailure(record);
  return (
    <div className="spoiled">
      <span className="paper" aria-hidden="true" />
      <p className="title">This one did not come out</p>
      <p>{failure?.message}</p>
      {failure?.retryable === true && <p className="soft">The same request may work later.</p>}
      <p className="soft">
        <code>{failure?.code}</code>
      </p>
    </div>
  );
}

function Facts({ record }: { readonly record: RequestRecord }) {
  const { outcome, created_at, updated_at } = record;
  if (outcome === null) return record.status === 'cancelled' ? null : <Elapsed since={created_at} />;
  return (
    <p className="facts">
      <span>took {formatDuration(updated_at - created_at)}</span>
      {outcome.cost_usd > 0 && <span>{formatDollars(outcome.cost_usd)}</span>}
    </p>
  );
}
