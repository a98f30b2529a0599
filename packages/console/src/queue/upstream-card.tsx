import type { UpstreamRecord } from '@darkroom/protocol';
import { useMutation } from '@tanstack/react-query';
import { formatDollars, formatTime } from '../formats.ts';
import { Meter } from '../meter.tsx';
import { Problem } from '../problem.tsx';
import { useRefresh } from '../refresh.ts';
import { toSentence } from '../sentences.ts';
import { useDarkroomAdmin } from '../session.tsx';
import { upstreamsKey } from './upstreams.ts';

/** One model of one upstream: whether it takes calls, how many, and if not, why. */
export function UpstreamCard({ record }: { readonly record: UpstreamRecord }) {
  const { upstream, model, limits } = record;
  return (
    <article className="upstream panel" aria-label={`${upstream}, ${model}`}>
      <div className="upstream-head">
        <div>
          <h3>{upstream}</h3>
          <p className="soft">{model}</p>
        </div>
        <State record={record} />
      </div>
      {record.message !== null && (
        <p className="why">
          {record.message}
          {record.until !== null && ` Until ${formatTime(record.until)}.`}
        </p>
      )}
      <Meter name="Calls now" value={record.under_way} limit={record.concurrency ?? undefined} />
      <Meter name="In the last minute" value={record.last_minute} limit={limits.requests_per_minute} />
      {limits.images_per_minute !== undefined && (
        <Meter name="Pictures in the last minute" value={record.last_minute_images} limit={limits.images_per_minute} />
      )}
      <Meter
        name="In the last ten minutes"
        value={record.last_ten_minutes_usd}
        limit={limits.usd_per_ten_minutes}
        format={formatSpend}
      />
      <p className="soft small">{toLimitWords(limits)}</p>
      <PauseButton record={record} />
    </article>
  );
}

function toLimitWords({ concurrency, requests_per_day: day }: UpstreamRecord['limits']): string {
  const words = [
    ...(concurrency === undefined ? [] : [`${concurrency.toLocaleString('en')} at a time`]),
    ...(day === undefined ? [] : [`${day.toLocaleString('en')} per day`]),
  ];
  return words.length === 0 ? 'No limit other than that of the workers.' : `At most ${words.join(', ')}.`;
}

function State({ record: { is_open: isOpen, is_probed: isProbed, reason } }: { readonly record: UpstreamRecord }) {
  if (isOpen) return <span className="badge success">{isProbed ? 'Trying' : 'Open'}</span>;
  return (
    <span className="badge failed">
      {reason === 'operator' ? 'Paused' : reason === 'limit' ? 'At its limit' : 'Resting'}
    </span>
  );
}

/** Pauses or resumes the whole upstream, for all models. */
function PauseButton({ record: { upstream, reason } }: { readonly record: UpstreamRecord }) {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(upstreamsKey);
  const isPaused = reason === 'operator';
  const isResting = reason === 'upstream';
  const change = useMutation({
    mutationFn: () => {
      const what = { kind: 'upstream', name: upstream } as const;
      return isPaused || isResting ? admin.resume(what) : admin.pause(what);
    },
    onSuccess: refresh,
  });
  const verb = isPaused ? 'Resume' : isResting ? 'Open again now' : 'Pause';
  return (
    <>
      <button type="button" aria-disabled={change.isPending} onClick={() => change.mutate()}>
        {verb} <span className="visually-hidden">{upstream}</span>
      </button>
      {change.error && <Problem>{toSentence(change.error)}</Problem>}
    </>
  );
}

function formatSpend(dollars: number): string {
  return dollars === 0 ? '$0' : formatDollars(dollars);
}
