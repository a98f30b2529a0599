import type { SettingOutputs } from './settings.ts';

export interface TelemetryConfig {
  /** `undefined`: the metrics have no port apart. */
  readonly metricsListener: { readonly port: number; readonly host: string } | undefined;
  /** `undefined`: nothing is sent to a collector. */
  readonly otlp: OtlpConfig | undefined;
}

interface OtlpConfig {
  readonly tracesUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  /** Secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly metricsEveryMs: number;
}

export function toTelemetry(values: SettingOutputs): TelemetryConfig {
  const port = values.DARKROOM_METRICS_PORT;
  return {
    metricsListener: port === undefined ? undefined : { port, host: values.DARKROOM_METRICS_HOST },
    otlp: toOtlp(values),
  };
}

function toOtlp(values: SettingOutputs): OtlpConfig | undefined {
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '');
  const below = (path: string) => (base === undefined ? undefined : `${base}${path}`);
  const tracesUrl = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? below('/v1/traces');
  const metricsUrl = values.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? below('/v1/metrics');
  if (values.OTEL_SDK_DISABLED || (tracesUrl === undefined && metricsUrl === undefined)) return undefined;
  return {
    tracesUrl,
    metricsUrl,
    headers: values.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: values.OTEL_SERVICE_NAME,
    attributes: values.OTEL_RESOURCE_ATTRIBUTES,
    metricsEveryMs: values.OTEL_METRIC_EXPORT_INTERVAL,
  };
}
