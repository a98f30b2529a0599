import type { LoadFigures } from './load.ts';
import { type Figure, formatNumber } from './report.ts';
import { median } from './statistics.ts';

/** The figures of the load on Darkroom (`a`) and on the bare Fastify (`b`), round by round. */
export function compareLoads(
  pairs: readonly { readonly a: LoadFigures; readonly b: LoadFigures }[],
  aim: number,
): readonly Figure[] {
  const ratios = pairs.map(({ a, b }) => a.perSecond / b.perSecond);
  const cpuRatios = pairs.map(({ a, b }) => a.cpuMicrosPerAnswer / b.cpuMicrosPerAnswer);
  const spread = `${formatNumber(Math.min(...ratios))} to ${formatNumber(Math.max(...ratios))} in ${pairs.length} rounds`;
  const of = (side: 'a' | 'b', figure: keyof LoadFigures) => median(pairs.map((pair) => pair[side][figure]));
  const latency = (side: 'a' | 'b') => `p50 ${of(side, 'p50')} ms, p99 ${of(side, 'p99')} ms`;
  return [
    { name: 'Darkroom to bare Fastify', value: median(ratios), unit: 'ratio', detail: spread, aim: { atLeast: aim } },
    { name: 'Darkroom', value: of('a', 'perSecond'), unit: 'a second', detail: latency('a') },
    { name: 'bare Fastify', value: of('b', 'perSecond'), unit: 'a second', detail: latency('b') },
    {
      name: 'CPU of one call',
      value: of('a', 'cpuMicrosPerAnswer'),
      unit: 'µs',
      detail: `bare Fastify ${formatNumber(of('b', 'cpuMicrosPerAnswer'))} µs; ${formatNumber(median(cpuRatios))} times as much`,
    },
  ];
}
