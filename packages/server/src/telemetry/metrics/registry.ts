/*
 * Metrics in the sense of Prometheus. This is a file of our own because prom-client has had no release for more than two years and
 * loads 88 modules (70 ms of a start), and the metrics of the OpenTelemetry SDK would have to be loaded by every process.
 */

export type MetricType = 'counter' | 'gauge' | 'histogram';

/**
 * All series of one name. Names of the OpenTelemetry conventions, and those of their labels, are written as the conventions write them,
 * with dots; `exposition.ts` turns them into those of Prometheus.
 */
export interface Family {
  readonly name: string;
  /** Of names with dots, by UCUM, e.g. `s` or `{token}`; the others say it themselves. */
  readonly unit: string | undefined;
  readonly type: MetricType;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** The upper bounds of a histogram, ascending. */
  readonly bounds: readonly number[];
  series(): Iterable<Series>;
}

export interface Series {
  /** In the order of `labelNames`. */
  readonly labels: readonly string[];
  /** The value, or the sum of a histogram. */
  value: number;
  /** Of a histogram: how many observations are in each bucket, the last one being without a bound. */
  readonly buckets: number[];
}

export type Labels<Name extends string> = Readonly<Record<Name, string>>;

/** A name with more series than this counts the rest in one whose labels say `other`: memory does not grow with callers. */
const maxSeries = 2_000;

class MetricFamily<Name extends string> implements Family {
  readonly #series = new Map<string, Series>();
  readonly name: string;
  readonly unit: string | undefined;
  readonly type: MetricType;
  readonly help: string;
  readonly labelNames: readonly Name[];
  readonly bounds: readonly number[];

  constructor({ name, unit, type, help, labels, bounds = [] }: Definition<Name> & { readonly type: MetricType }) {
    this.name = name;
    this.unit = unit;
    this.type = type;
    this.help = help;
    this.labelNames = labels;
    this.bounds = bounds;
  }

  series(): Iterable<Series> {
    return this.#series.values();
  }

  clear(): void {
    this.#series.clear();
  }

  at(labels: Labels<Name>): Series {
    const values = this.labelNames.map((name) => labels[name]);
    return this.#find(values) ?? this.#add(values);
  }

  #find(values: readonly string[]): Series | undefined {
    return this.#series.get(values.join('\0'));
  }

  #add(values: readonly string[]): Series {
    const isFull = this.#series.size >= maxSeries;
    const labels = isFull ? values.map(() => 'other') : values;
    const known = isFull ? this.#find(labels) : undefined;
    if (known) return known;
    const buckets = this.type === 'histogram' ? new Array<number>(this.bounds.length + 1).fill(0) : [];
    const series = { labels, value: 0, buckets };
    this.#series.set(labels.join('\0'), series);
    return series;
  }
}

interface Definition<Name extends string> {
  readonly name: string;
  readonly unit?: string;
  readonly help: string;
  readonly labels: readonly Name[];
  readonly bounds?: readonly number[];
}

interface HistogramOptions<Name extends string> {
  readonly labels?: readonly Name[];
  readonly bounds: readonly number[];
  readonly unit?: string;
}

export interface Counter<Name extends string> {
  add(amount: number, labels: Labels<Name>): void;
}

/** A gauge is measured as a whole: what a measurement leaves out is gone. */
export interface Gauge<Name extends string> {
  set(measured: readonly { readonly labels: Labels<Name>; readonly value: number }[]): void;
}

export interface Histogram<Name extends string> {
  observe(value: number, labels: Labels<Name>): void;
}

/** Every metric of a process. */
export class Registry {
  readonly #families: Family[] = [];

  get families(): readonly Family[] {
    return this.#families;
  }

  counter<Name extends string = never>(name: string, help: string, labels: readonly Name[] = []): Counter<Name> {
    const family = this.#add({ name, help, labels, type: 'counter' });
    return {
      add: (amount, given) => {
        family.at(given).value += amount;
      },
    };
  }

  gauge<Name extends string = never>(name: string, help: string, labels: readonly Name[] = []): Gauge<Name> {
    const family = this.#add({ name, help, labels, type: 'gauge' });
    return {
      set: (measured) => {
        family.clear();
        for (const { labels: given, value } of measured) family.at(given).value = value;
      },
    };
  }

  histogram<Name extends string = never>(
    name: string,
    help: string,
    { labels = [], ...options }: HistogramOptions<Name>,
  ): Histogram<Name> {
    const { bounds } = options;
    const family = this.#add({ name, help, labels, ...options, type: 'histogram' });
    return {
      observe: (value, given) => {
        const series = family.at(given);
        const bucket = bounds.findIndex((bound) => value <= bound);
        const at = bucket === -1 ? bounds.length : bucket;
        series.value += value;
        series.buckets[at] = (series.buckets[at] ?? 0) + 1;
      },
    };
  }

  #add<Name extends string>(definition: Definition<Name> & { readonly type: MetricType }): MetricFamily<Name> {
    const family = new MetricFamily(definition);
    this.#families.push(family);
    return family;
  }
}
