import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/load-config.ts';
import { toLocalUrl } from '../config/local-url.ts';
import { systemClock } from '../platform/clock.ts';
import type { Service } from '../platform/service.ts';

/** The lifetime of an app on its port. */
export interface Listener extends Service {
  /** `http://host:port` where it listens, once it has started. */
  readonly url: string;
}

export function createListener(app: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Listener {
  let url = '';
  return {
    get url() {
      return url;
    },
    start: async () => {
      await app.listen({ host, port, backlog: longestLine });
      const address = app.server.address();
      url = toLocalUrl({ host, port: typeof address === 'object' && address ? address.port : port });
    },
    stop: () => closeApp(app),
  };
}

/**
 * How many connections may wait until the process accepts them; Linux takes no more than `net.core.somaxconn`, 4,096 by default.
 * With the 511 of Node, a thousand clients that connect while a busy machine gives the process no time have their connections
 * dropped, and then try again after 1, 2, 4, 8 and 16 seconds, as TCP does, however soon the process is free.
 */
const longestLine = 4_096;

/** How long the answers under way may take when the API stops, in milliseconds. */
const closingMs = 2_000;

/**
 * Node does not take a connection for idle on which nothing was asked yet, as browsers open them ahead: left alone, one
 * such would keep the process from ever stopping.
 */
async function closeApp(app: FastifyInstance): Promise<void> {
  const isClosed = new AbortController();
  const closed = app.close().finally(() => isClosed.abort());
  await Promise.race([closed, systemClock.sleep(closingMs, isClosed.signal)]);
  app.server.closeAllConnections();
  await closed;
}
