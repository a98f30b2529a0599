import type { RequestRecord } from '@darkroom/protocol';
import { CodePanel } from '../code-panel.tsx';
import { formatDollars, formatMoment } from '../formats.ts';
import { PictureFrame } from '../picture-frame.tsx';
import { ReadState } from '../read-state.tsx';
import { statusWords, toFailure, toMissing, toPictures, toPrompt, toStandIn, toWireName } from '../record-facts.ts';
import { ScrollRoom } from '../scroll-room.tsx';
import { Sources } from '../sources.tsx';
import { tierWords } from '../tiers.ts';
import { Waiting } from '../waiting.tsx';
import { AttemptTable } from './attempt-table.tsx';
import { useRequestHistory } from './gallery-requests.ts';
import { RequestActions, type RequestActionsProps } from './request-actions.tsx';

/** What was requested, how it ended, how long it took and what it cost. */
export function RequestDetails({ record, onDeleted }: RequestActionsProps) {
  const { attempts, logs } = useRequestHistory(record);
  const wire = toWireName(record);
  return (
    <>
      <p className="facts">
        <span className={`badge ${record.status}`}>{statusWords[record.status]}</span>
        <span>{formatMoment(record.created_at)}</span>
        <span>{record.model}</span>
        {wire && <span>by {wire}</span>}
        {record.service_tier && <span>{tierWords[record.service_tier]} service</span>}
        {record.fallback === false && <span>by this model only</span>}
      </p>
      <Waiting record={record} />
      <RequestActions record={record} onDeleted={onDeleted} />
      <Outcome record={record} />
      <Sources record={record} />
      <Cost record={record} />
      <h3>Calls</h3>
      <ReadState of={attempts} />
      {attempts.data && <AttemptTable attempts={attempts.data.attempts} />}
      <h3>Log</h3>
      <ReadState of={logs} />
      <ol className="log">
        {logs.data?.logs.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end
          <li key={index}>
            <time dateTime={new Date(line.at * 1_000).toISOString()}>{toClock(line.at)}</time> {line.message}
          </li>
        ))}
      </ol>
      <CodePanel record={record} />
      <Json title="Payload" value={record.payload} />
      <Json title="Outcome" value={record.outcome} />
      <p className="soft identity">
        <code>{record.request_id}</code>
      </p>
    </>
  );
}

function Outcome({ record }: { readonly record: RequestRecord }) {
  const failure = toFailure(record);
  const pictures = toPictures(record);
  const standIn = toStandIn(record);
  return (
    <>
      {standIn && <p className="soft">{standIn}</p>}
      {failure && (
        <p className="told-failure">
          {failure.message} <code>{failure.code}</code>
        </p>
      )}
      {pictures.length > 0 && (
        <div className={pictures.length > 1 ? 'pictures many' : 'pictures'}>
          {pictures.map((picture) => (
            <PictureFrame key={picture.id} picture={picture} alt={toPrompt(record)} />
          ))}
        </div>
      )}
      {toMissing(record).map((message) => (
        <p key={message} className="problem">
          A picture is missing: {message}
        </p>
      ))}
    </>
  );
}

function Cost({ record: { cost_usd: cost, estimated_cost_usd: estimate } }: { readonly record: RequestRecord }) {
  return (
    <p className="facts">
      <span>Cost {cost === 0 ? '$0' : formatDollars(cost)}</span>
      <span>expected {formatDollars(estimate)}</span>
    </p>
  );
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }) {
  if (value === null) return null;
  return (
    <details>
      <summary>{title}</summary>
      <ScrollRoom name={title}>
        <pre>{JSON.stringify(value, null, 2)}</pre>
      </ScrollRoom>
    </details>
  );
}

function toClock(unixSeconds: number): string {
  return clock.format(unixSeconds * 1_000);
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 1,
});
