import type { FastifyInstance } from 'fastify';
import { findLeft } from './sockets/open-answer.ts';

/** A call that was answered. `route` is the pattern of its address, which holds no ids. */
export interface AnsweredCall {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

/** How many calls are open now, by what they are: event streams, or waits for an end. */
export type CountOpenCalls = () => { readonly streams: number; readonly waits: number };

export interface CallObserver {
  answered(call: AnsweredCall): void;
  /** Is given, once, what counts the open calls of the app. */
  opened(count: CountOpenCalls): void;
}

/** Tells of every call when its answer was sent. Call it before the routes are registered. */
export function observeCalls(app: FastifyInstance, observer: Pick<CallObserver, 'answered'>): void {
  app.addHook('onResponse', ({ method, routeOptions }, { raw, statusCode: status, elapsedTime: ms }, done) => {
    const route = routeOptions.url ?? 'unknown';
    const left = findLeft(raw);
    if (left) {
      const leftAt = performance.now();
      left.onceOver((isWhole) => {
        if (isWhole) observer.answered({ method, route, status, ms: ms + performance.now() - leftAt });
      });
    } else observer.answered({ method, route, status, ms });
    done();
  });
}
