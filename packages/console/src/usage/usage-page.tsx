import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { Choice } from '../choice.tsx';
import { formatDollars } from '../formats.ts';
import { toSentence, useDarkroom } from '../session.tsx';
import { Budgets } from './budgets.tsx';
import { DayChart } from './day-chart.tsx';
import { ShareTable } from './share-table.tsx';
import { toDays, usageDays } from './usage-days.ts';
import { type Measure, measures, sumByDay, sumByName } from './usage-sums.ts';
import '../styles/usage.css';

const route = getRouteApi('/usage');
const pollMs = 30_000;

/** What the organization has made and spent. */
export function UsagePage() {
  const { days: count = 30 } = route.useSearch();
  const navigate = route.useNavigate();
  const [measure, setMeasure] = useState<Measure>('cost_usd');
  const { data: report, dataUpdatedAt, error } = useUsage(count);
  const format = measures[measure].format;
  return (
    <main className="page">
      <div className="page-head">
        <h1>Usage</h1>
        <div className="usage-choices">
          <Choice
            legend="Days"
            options={usageDays}
            value={count}
            onChange={(days) => void navigate({ search: { days }, replace: true })}
          >
            {(option) => option}
          </Choice>
          <Choice legend="Measure" options={['cost_usd', 'pictures'] as const} value={measure} onChange={setMeasure}>
            {(option) => measures[option].name}
          </Choice>
        </div>
      </div>
      {error && <p className="problem">{toSentence(error)}</p>}
      {report && (
        <>
          <dl className="totals">
            <Total name="Spent" value={report.total.cost_usd === 0 ? '$0' : formatDollars(report.total.cost_usd)} />
            <Total name="Pictures" value={report.total.pictures.toLocaleString('en')} />
            <Total name="Ready" value={report.total.success.toLocaleString('en')} />
            <Total name="Failed" value={report.total.failed.toLocaleString('en')} />
            <Total name="Cancelled" value={report.total.cancelled.toLocaleString('en')} />
          </dl>
          <DayChart
            name={`${measures[measure].name} by day`}
            bars={sumByDay(report.rows, { days: toDays(count, dataUpdatedAt), measure })}
            format={format}
          />
          <div className="shares">
            <ShareTable name="By model" shares={sumByName(report.rows, { name: 'model', measure })} format={format} />
            <ShareTable name="By key" shares={sumByName(report.rows, { name: 'user_id', measure })} format={format} />
          </div>
        </>
      )}
      <Budgets />
    </main>
  );
}

function Total({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function useUsage(days: number) {
  const darkroom = useDarkroom();
  return useQuery({
    queryKey: ['usage', days],
    queryFn: ({ signal }) => {
      const [from = ''] = toDays(days, Date.now());
      return darkroom.usage({ from }, { signal });
    },
    refetchInterval: pollMs,
    // Another range is another chart of the same page: the old one stays until it is there.
    placeholderData: (previous) => previous,
  });
}
