import type { Config } from '../config/load-config.ts';
import { createMetricsApp } from '../http/metrics-app.ts';
import type { Service } from '../platform/service.ts';
import type { Ground } from './ground.ts';
import { createListener } from './listener.ts';

/** The port of the metrics, if there is to be one. */
export function composeMetricsPort(
  { telemetry: { metricsListener } }: Config,
  { telemetry: { metricsSource } }: Pick<Ground, 'telemetry'>,
): readonly Service[] {
  return metricsListener ? [createListener(createMetricsApp(metricsSource), metricsListener)] : [];
}
