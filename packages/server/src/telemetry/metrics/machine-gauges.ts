import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { measureFree } from '../../platform/headroom.ts';
import type { Service } from '../../platform/service.ts';
import type { Metrics } from './definitions.ts';

interface MachineGaugesOptions {
  readonly metrics: Metrics;
  readonly dataDir: string;
  readonly minFreeDiskBytes: number;
}

export interface MachineGauges extends Service {
  measure(): Promise<void>;
}

/** A timer each 20 ms is what the delay costs; the rest is read when somebody asks. */
const resolution = 20;

/** This process and its machine: event loop, memory, CPU, disk. */
export function createMachineGauges({ metrics, dataDir, minFreeDiskBytes }: MachineGaugesOptions): MachineGauges {
  const delay = monitorEventLoopDelay({ resolution });
  let utilization = performance.eventLoopUtilization();
  let cpuSeconds = 0;
  const one = (value: number) => [{ labels: {}, value }];

  const measureLoop = () => {
    const now = performance.eventLoopUtilization();
    metrics.loopUtilization.set(one(performance.eventLoopUtilization(now, utilization).utilization));
    utilization = now;
    const toValue = (nanoseconds: number) => (delay.count === 0 ? 0 : nanoseconds / 1e9);
    metrics.loopDelay.set([
      { labels: { quantile: '0.5' }, value: toValue(delay.percentile(50)) },
      { labels: { quantile: '0.99' }, value: toValue(delay.percentile(99)) },
      { labels: { quantile: '1' }, value: toValue(delay.max) },
    ]);
    delay.reset();
  };

  const measureProcess = () => {
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / 1e6;
    metrics.cpu.add(seconds - cpuSeconds, {});
    cpuSeconds = seconds;
    const { rss, heapUsed } = process.memoryUsage();
    metrics.memoryResident.set(one(rss));
    metrics.heapUsed.set(one(heapUsed));
    metrics.startTime.set(one(performance.timeOrigin / 1_000));
  };

  return {
    start: async () => void delay.enable(),
    stop: async () => void delay.disable(),
    measure: async () => {
      measureLoop();
      measureProcess();
      const free = await measureFree(dataDir);
      metrics.diskFree.set(one(free.disk));
      metrics.diskReserve.set(one(minFreeDiskBytes));
      metrics.memoryAvailable.set(one(free.memory));
    },
  };
}
