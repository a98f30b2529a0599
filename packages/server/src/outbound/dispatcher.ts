import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { inTurn } from './agents.ts';

/** The connections of undici, directly or all through this proxy. */
export function createDispatcher(options: Omit<Agent.Options, 'connect'>, proxy: string | undefined): Dispatcher {
  return proxy === undefined ? new Agent({ ...options, connect: inTurn }) : new ProxyAgent({ ...options, uri: proxy });
}
