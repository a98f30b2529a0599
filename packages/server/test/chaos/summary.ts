import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AuditedRequest } from './audit.ts';
import type { Placed } from './customers.ts';
import { type Findings, promises, toShown } from './findings.ts';

export interface FinishedRun {
  /** Holds the servers' logs. */
  readonly folder: string;
  readonly all: readonly AuditedRequest[];
  readonly placed: readonly Placed[];
  /** That the sandbox counted. */
  readonly calls: number;
  readonly findings: Findings;
}

/** What happened and what speaks against which promise, as text for a terminal. */
export async function describeRun({ folder, all, placed, calls, findings }: FinishedRun): Promise<string> {
  const lines = all.flatMap(({ attempts }) => attempts);
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
    `ends      ${tally(lines.flatMap(({ failure }) => failure?.code ?? []))}`,
    `log       ${tally(await readEvents(folder))}`,
    ...broken,
    broken.length === 0 ? 'All promises were kept.' : `Database and logs: ${folder}`,
  ].join('\n');
}

/** The events of all servers at the levels from warning upwards. */
async function readEvents(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.flatMap((text) =>
    text.split('\n').flatMap((line) => /^\{"level":"(?:warn|error|fatal)".*?"event":"([^"]+)"/.exec(line)?.[1] ?? []),
  );
}

function tally(words: readonly string[]): string {
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => ({ word, count: all.length }));
  return counts
    .sort((a, b) => b.count - a.count)
    .map(({ word, count }) => `${word} ${count}`)
    .join(', ');
}
