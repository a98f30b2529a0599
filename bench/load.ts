import autocannon from 'autocannon';
import { readCpuMs } from './process-figures.ts';
import type { ServerProcess } from './processes.ts';

export interface Load {
  readonly server: ServerProcess;
  readonly connections: number;
  readonly seconds: number;
  readonly method: 'GET' | 'POST';
  /** Divided among the connections. Each connection repeats its share. */
  readonly paths: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadFigures {
  readonly answers: number;
  readonly perSecond: number;
  /** CPU time of the server, all threads. */
  readonly cpuMicrosPerAnswer: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Calls the server from this process, one call at a time on each connection. Rejects unless every answer was a 200. */
export async function applyLoad(load: Load): Promise<LoadFigures> {
  const { server, connections, seconds, method, headers, body } = load;
  const shares = share(load.paths, connections);
  const cpuMs = await readCpuMs(server.pid);
  const result = await autocannon({
    url: server.url,
    connections,
    duration: seconds,
    pipelining: 1,
    setupClient: (client) => {
      const paths = shares.shift() ?? load.paths;
      client.setRequests(paths.map((path) => ({ method, path, headers: { ...headers }, ...(body && { body }) })));
    },
  });
  const usedMs = (await readCpuMs(server.pid)) - cpuMs;
  const answers = result['2xx'];
  if (result.errors > 0 || result.non2xx > 0 || answers === 0) {
    throw new Error(
      `${method} ${load.paths[0]}: ${answers} answers, ${result.non2xx} refusals, ${result.errors} errors.`,
    );
  }
  return {
    answers,
    perSecond: answers / result.duration,
    cpuMicrosPerAnswer: (usedMs * 1_000) / answers,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

function share(paths: readonly string[], connections: number): string[][] {
  return Array.from({ length: connections }, (_, connection) => {
    const own = paths.filter((_path, index) => index % connections === connection);
    return own.length > 0 ? own : paths.slice(0, 1);
  });
}
