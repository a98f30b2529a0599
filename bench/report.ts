/** One measured number. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** What explains the number: its spread, or what it is compared with. */
  readonly detail?: string;
  readonly aim?: { readonly atLeast: number } | { readonly atMost: number };
}

export type Unit = 'ratio' | 'a second' | 'ms' | 'µs' | 'KB' | 'MB' | 's';

/** The result of one part of the bench, or a sentence that says why it failed. */
export interface Section {
  readonly title: string;
  /** How it was measured. */
  readonly setup: string;
  readonly figures: readonly Figure[];
  readonly failure?: string;
}

/** Facts about the machine at the start. Without them the numbers say little. */
export interface Machine {
  readonly node: string;
  readonly cores: number;
  /** The load of the last minute. With other work on the cores only the ratios are meaningful. */
  readonly load: number;
  /** The time of one write of 4 KiB and its flush, in the folder of the databases. */
  readonly flushMs: number;
}

export function formatMachine({ node, cores, load, flushMs }: Machine): string {
  return `Node ${node}, ${cores} cores, load ${load.toFixed(1)}; one flush to the disk takes ${formatNumber(flushMs)} ms\n`;
}

export function formatSection({ title, setup, figures, failure }: Section): string {
  const lines = ['', title, `  ${setup}`];
  if (failure !== undefined) return [...lines, `  NOT MEASURED: ${failure}`, ''].join('\n');
  const nameWidth = Math.max(...figures.map(({ name }) => name.length));
  const rows = figures.map((figure) =>
    [
      `  ${figure.name.padEnd(nameWidth)}`,
      `${formatNumber(figure.value).padStart(9)} ${(figure.unit === 'ratio' ? '' : figure.unit).padEnd(8)}`,
      formatAim(figure).padEnd(22),
      figure.detail ?? '',
    ]
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...rows, ''].join('\n');
}

/** Three significant digits; more only if the number has more before the decimal point. */
export function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function formatAim({ aim, value }: Figure): string {
  if (!aim) return '';
  const isMet = 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost;
  const words = 'atLeast' in aim ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`;
  return `${words}: ${isMet ? 'met' : 'MISSED'}`;
}
