import type { AuditedRequest } from './audit.ts';
import { toCalledModel } from './audit-models.ts';
import type { Placed } from './customers.ts';
import { type Findings, promises, toShown } from './findings.ts';
import type { LoggedEvent } from './server-logs.ts';

export interface FinishedRun {
  /** The folder with the rows and the servers' logs. */
  readonly folder: string;
  readonly events: readonly LoggedEvent[];
  readonly all: readonly AuditedRequest[];
  readonly placed: readonly Placed[];
  /** The number that the sandboxes counted. */
  readonly calls: number;
  readonly findings: Findings;
}

/** What happened, and the evidence against each promise, as text for a terminal. */
export function describeRun({ folder, events, all, placed, calls, findings }: FinishedRun): string {
  const lines = all.flatMap(({ attempts }) => attempts);
  const called = all.flatMap(({ request, attempts }) => attempts.map((line) => ({ request, line })));
  const calledModels = called.map((one) => `${toCalledModel(one)} ${one.line.serviceTier ?? ''}`.trim());
  const standIns = called.flatMap(({ request, line: { standIn } }) =>
    standIn ? `${request.model} → ${standIn.model} (${standIn.reason})` : [],
  );
  const failed = all.flatMap(({ request }) =>
    request.outcome?.kind === 'failure' ? request.outcome.failure.code : [],
  );
  const broken = Object.entries(promises).flatMap(([name, promise]) => {
    const problems = findings[name as keyof Findings] ?? []; // the table's own keys
    return problems.length === 0
      ? []
      : [`NOT KEPT: ${promise} (${problems.length})`, ...toShown(problems).map((problem) => `  ${problem}`)];
  });
  return [
    `orders    ${placed.length}, accepted ${all.length}, over budget ${placed.filter(({ ids }) => ids.size === 0).length}`,
    `requests  ${tally(all.map(({ request }) => request.status))}`,
    `failures  ${tally(failed)}`,
    `calls     ${calls} at the sandbox; attempt log: ${tally(lines.map(({ result }) => result ?? 'under way'))}`,
    `models    ${tally(calledModels)}`,
    `stand-ins ${tally(standIns)}`,
    `ends      ${tally(lines.flatMap(({ failure }) => failure?.code ?? []))}`,
    `log       ${tally(events.map(({ event }) => event))}`,
    ...broken,
    broken.length === 0 ? 'All promises were kept.' : `Rows and logs: ${folder}`,
  ].join('\n');
}

function tally(words: readonly string[]): string {
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => ({ word, count: all.length }));
  return counts
    .sort((a, b) => b.count - a.count)
    .map(({ word, count }) => `${word} ${count}`)
    .join(', ');
}
