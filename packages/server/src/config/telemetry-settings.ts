import { z } from 'zod';
import { wholeNumber } from './whole-number.ts';
import { yesNo } from './yes-no.ts';

const endpoint = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL, e.g. http://collector:4318' })
  .optional();

/** `name=value,name=value`, with values in percent-encoding: https://opentelemetry.io/docs/specs/otel/protocol/exporter/. */
const pairs = z
  .string({ error: 'must be a text' })
  .default('')
  .transform((text, context) => {
    const entries = text
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map(toEntry);
    const read = entries.filter((entry) => entry !== undefined);
    if (read.length < entries.length)
      context.addIssue({ code: 'custom', message: 'must be name=value pairs, separated by commas' });
    return Object.fromEntries(read);
  });

function toEntry(pair: string): readonly [string, string] | undefined {
  const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
  if (name === undefined || value === undefined) return undefined;
  try {
    return [name, decodeURIComponent(value)];
  } catch {
    return undefined;
  }
}

/** How Darkroom tells others how it is. The names of OpenTelemetry are those of every program that speaks it. */
export const telemetrySettings = {
  DARKROOM_METRICS_PORT: {
    schema: wholeNumber(1, 65_535).optional(),
    flag: 'metrics-port',
    description:
      'A port for /metrics alone, which needs no key there: docs/how-to/observe.md. On the port of the API, /metrics needs an admin key.',
    fallback: 'no port apart',
  },
  DARKROOM_METRICS_HOST: {
    schema: z.string().min(1, { error: 'must be a host name or an address' }).default('127.0.0.1'),
    flag: 'metrics-host',
    description: 'The address on which the port of the metrics listens. Whoever reaches it can read the metrics.',
    fallback: '127.0.0.1',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: endpoint,
    flag: 'otlp-endpoint',
    description:
      'An OpenTelemetry collector, for traces (/v1/traces) and metrics (/v1/metrics), e.g. http://collector:4318. It is called directly, without a proxy.',
    fallback: 'nothing is sent',
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    schema: endpoint,
    flag: 'otlp-traces-endpoint',
    description: 'The whole address for traces.',
    fallback: 'OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces',
  },
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: {
    schema: endpoint,
    flag: 'otlp-metrics-endpoint',
    description: 'The whole address for metrics.',
    fallback: 'OTEL_EXPORTER_OTLP_ENDPOINT/v1/metrics',
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    schema: z
      .literal('http/json', { error: 'must be http/json, which collectors take on the port of http/protobuf, 4318' })
      .default('http/json'),
    flag: 'otlp-protocol',
    description: 'The protocol of the collector. Only http/json is spoken.',
    fallback: 'http/json',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: pairs,
    flag: 'otlp-headers',
    description: 'Headers for the collector, e.g. a token: name=value, separated by commas.',
    fallback: 'none',
    isSecret: true,
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().min(1, { error: 'must be a name' }).default('darkroom'),
    flag: 'otel-service-name',
    description: 'The name of this service in traces and metrics over OTLP.',
    fallback: 'darkroom',
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    schema: pairs,
    flag: 'otel-resource-attributes',
    description: 'What else is said of this process there: name=value, separated by commas.',
    fallback: 'none',
  },
  OTEL_METRIC_EXPORT_INTERVAL: {
    schema: wholeNumber(100, 3_600_000).default(60_000),
    flag: 'otel-metric-export-interval',
    description: 'How often metrics are sent, in milliseconds.',
    fallback: '60000',
  },
  OTEL_SDK_DISABLED: {
    schema: yesNo.default(false),
    flag: 'otel-sdk-disabled',
    description: 'Whether nothing is sent, whatever the other settings of OpenTelemetry say.',
    fallback: 'false',
  },
} as const;
