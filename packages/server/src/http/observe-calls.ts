import type { FastifyInstance } from 'fastify';

/** A call that was answered. `route` is the pattern of its address, which holds no ids. */
export interface AnsweredCall {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

export type ObserveCall = (call: AnsweredCall) => void;

/** Tells of every call when its answer was sent. Call it before the routes are registered. */
export function observeCalls(app: FastifyInstance, observe: ObserveCall): void {
  app.addHook('onResponse', ({ method, routeOptions }, { statusCode: status, elapsedTime: ms }, done) => {
    observe({ method, route: routeOptions.url ?? 'unknown', status, ms });
    done();
  });
}
