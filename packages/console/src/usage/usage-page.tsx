import type { UsageReport } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { Choice } from '../choice.tsx';
import { useMe } from '../me.ts';
import { ReadState } from '../read-state.tsx';
import { useReading } from '../session.tsx';
import { useTitle } from '../title.ts';
import { Budgets } from './budgets.tsx';
import { DayChart } from './day-chart.tsx';
import { ShareTable } from './share-table.tsx';
import { toDays, toReportDays, usageDays } from './usage-days.ts';
import { type Measure, measures, sumByDay, sumByName } from './usage-sums.ts';
import '../styles/usage.css';

const route = getRouteApi('/usage');
const pollMs = 30_000;

/** What the organization has made and spent. */
export function UsagePage() {
  useTitle('Usage');
  const { days: count = 30 } = route.useSearch();
  const navigate = route.useNavigate();
  const isSandbox = useMe()?.is_sandbox === true;
  const [chosen, setMeasure] = useState<Measure>();
  // Pictures from the sandbox are free, so its dollars would be a flat line.
  const measure = chosen ?? (isSandbox ? 'pictures' : 'cost_usd');
  const query = useUsage(count);
  const { data: report } = query;
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
      <ReadState of={query} />
      {report && <Report report={report} days={toReportDays(report)} measure={measure} />}
      <Budgets />
    </main>
  );
}

interface ReportProps {
  readonly report: UsageReport;
  readonly days: readonly string[];
  readonly measure: Measure;
}

function Report({ report: { total, rows }, days, measure }: ReportProps) {
  const { name, format } = measures[measure];
  return (
    <>
      <dl className="totals">
        <Total name="Spent" value={measures.cost_usd.format(total.cost_usd)} />
        <Total name="Pictures" value={total.pictures.toLocaleString('en')} />
        <Total name="Ready" value={total.success.toLocaleString('en')} />
        <Total name="Failed" value={total.failed.toLocaleString('en')} />
        <Total name="Cancelled" value={total.cancelled.toLocaleString('en')} />
      </dl>
      <DayChart name={`${name} by day`} bars={sumByDay(rows, { days, measure })} format={format} />
      <div className="shares">
        <ShareTable name="By model" shares={sumByName(rows, { name: 'model', measure })} format={format} />
        <ShareTable name="By key" shares={sumByName(rows, { name: 'user_id', measure })} format={format} />
      </div>
    </>
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
  const { darkroom } = useReading();
  return useQuery({
    queryKey: ['usage', days],
    queryFn: ({ signal }) => {
      const [from = ''] = toDays(days, Date.now());
      return darkroom.usage({ from }, { signal });
    },
    refetchInterval: pollMs,
    // The old chart stays until the chart of another range is loaded.
    placeholderData: (previous) => previous,
  });
}
