import type { Agent } from 'node:http';
import https from 'node:https';
import { http } from '../platform/node-http.ts';

/** The connections of Node's own client, by the protocol of the address. */
export interface Agents {
  readonly http: Agent;
  readonly https: https.Agent;
  /** Closes every connection; calls under way fail. */
  destroy(): void;
}

/**
 * All addresses of a name are tried in turn, both families alternating, so that a broken IPv6 path costs a second and not the
 * call. With Node's 250 ms, attempts to reach distant servers are given up too early.
 */
export const inTurn = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1_000 };

/**
 * Connections that go directly, or all through this proxy: a tunnel for https, and for http a call that names the whole address.
 * With a proxy, `timeout` also limits how long it may take to make the tunnel.
 */
export function createAgents(options: https.AgentOptions, proxy?: string): Agents {
  const connections = { ...inTurn, ...options };
  const agents = {
    http: new http.Agent({ ...connections, ...(proxy !== undefined && { proxyEnv: { HTTP_PROXY: proxy } }) }),
    https: new https.Agent({ ...connections, ...(proxy !== undefined && { proxyEnv: { HTTPS_PROXY: proxy } }) }),
  };
  return {
    ...agents,
    destroy: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
