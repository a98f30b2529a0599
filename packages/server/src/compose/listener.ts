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
      await app.listen({ host, port });
      const address = app.server.address();
      url = toLocalUrl({ host, port: typeof address === 'object' && address ? address.port : port });
    },
    stop: () => closeApp(app),
  };
}

/** So long the answers under way get when the API stops, in milliseconds. */
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
