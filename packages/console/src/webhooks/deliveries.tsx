import type { DeliveryRecord, DeliveryStatus } from '@darkroom/protocol';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Choice } from '../choice.tsx';
import { formatMoment, formatTime } from '../formats.ts';
import { EndOfList } from '../gallery/end-of-list.tsx';
import { Problem } from '../problem.tsx';
import { ReadState } from '../read-state.tsx';
import { statusWords } from '../record-facts.ts';
import { toSentence } from '../sentences.ts';
import { useDeliveries, useWebhookChanges } from './webhook-queries.ts';

const choices = ['all', 'pending', 'delivered', 'failed'] as const;
const words: Record<DeliveryStatus, { readonly name: string; readonly badge: string }> = {
  pending: { name: 'Pending', badge: 'processing' },
  delivered: { name: 'Delivered', badge: 'success' },
  failed: { name: 'Given up', badge: 'failed' },
};

/** The deliveries, newest first, with buttons to send them again. */
export function Deliveries() {
  const [choice, setChoice] = useState<(typeof choices)[number]>('all');
  const deliveries = useDeliveries(choice === 'all' ? {} : { status: choice });
  const { resend } = useWebhookChanges();
  const records = deliveries.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <section className="part" aria-labelledby="deliveries">
      <div className="page-head">
        <h2 id="deliveries" className="title">
          Deliveries
        </h2>
        <Choice legend="Show" className="of-deliveries" options={choices} value={choice} onChange={setChoice}>
          {(option) => (option === 'all' ? 'All' : words[option].name)}
        </Choice>
      </div>
      {resend.error && <Problem>{toSentence(resend.error)}</Problem>}
      <ReadState of={deliveries} />
      {deliveries.data && records.length === 0 && <p className="soft">None.</p>}
      <ul className="letters">
        {records.map((record) => (
          <li key={record.id}>
            <Delivery record={record} isBusy={resend.isPending} onResend={() => resend.mutate(record.id)} />
          </li>
        ))}
      </ul>
      <EndOfList
        hasMore={deliveries.hasNextPage}
        isReading={deliveries.isFetchingNextPage}
        onMore={() => void deliveries.fetchNextPage()}
      />
    </section>
  );
}

interface DeliveryProps {
  readonly record: DeliveryRecord;
  readonly isBusy: boolean;
  readonly onResend: () => void;
}

function Delivery({ record, isBusy, onResend }: DeliveryProps) {
  const { name, badge } = words[record.status];
  const { last_try: lastTry } = record;
  return (
    <div className="letter">
      <div className="letter-words">
        <p className="delivery-head">
          <span className={`badge ${badge}`}>{name}</span> {toEventWord(record)}
        </p>
        <p className="soft small address">{record.url}</p>
        <p className="facts">
          <span>{formatMoment(record.created_at)}</span>
          <span>{record.tries === 1 ? '1 try' : `${record.tries} tries`}</span>
          {record.next_at !== null && <span>next at {formatTime(record.next_at)}</span>}
        </p>
        {lastTry?.failure !== undefined && <p className="problem small">{lastTry.failure}</p>}
        {lastTry?.answer !== undefined && lastTry.answer !== '' && (
          <details>
            <summary>Response</summary>
            <pre className="answer">{lastTry.answer}</pre>
          </details>
        )}
      </div>
      <div className="actions">
        <Link className="button" to="/gallery" search={{ request: record.request_id }}>
          Request
        </Link>
        <button type="button" aria-disabled={isBusy} onClick={() => !isBusy && onResend()}>
          Send again
        </button>
      </div>
    </div>
  );
}

/** `Ready`, for `request.success`. */
function toEventWord({ event }: DeliveryRecord): string {
  const status = event.slice('request.'.length) as keyof typeof statusWords; // an event's name is `request.` and a status
  return statusWords[status];
}
