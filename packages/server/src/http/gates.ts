import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { createOverloadProblem } from '../core/overload.ts';
import type { Clock } from '../platform/clock.ts';
import type { Headroom } from '../platform/headroom.ts';
import { countOpen, type OpenCalls } from './open-calls.ts';
import { limitSubmits } from './rate-limit.ts';

/**
 * Hooks by which a route refuses a call before anything of its body is read. There is one of each: the calls of a key count
 * together, by whichever wires they come.
 */
export interface Gates {
  /** For calls that bring new work: refuses them while there is no room for it. */
  readonly room: onRequestHookHandler;
  /** For submits: refuses a key that has submitted as often in the last minute as it may. */
  readonly rate: onRequestHookHandler;
  /** For calls that stay open, which are those that `isOpen` tells, or all: refuses a key that has as many as it may. */
  open(isOpen?: (request: FastifyRequest) => boolean): onRequestHookHandler;
}

export interface GateOptions {
  readonly openCalls: OpenCalls;
  readonly headroom: Headroom;
  /** Submits of a key that has no limit of its own, in any minute; `undefined`: any number. */
  readonly requestsPerMinute: number | undefined;
  readonly clock: Clock;
}

export function createGates({ openCalls, headroom, ...rates }: GateOptions): Gates {
  return {
    room: refuseWhenShort(headroom),
    rate: limitSubmits(rates),
    open: (isOpen) => countOpen(openCalls, isOpen),
  };
}

/** Refuses a call that brings new work while there is no room for it, before anything of its body is read. */
export function refuseWhenShort(headroom: Headroom): onRequestHookHandler {
  return (_request, _reply, done) => {
    const sentence = headroom.refusal();
    done(sentence === undefined ? undefined : createOverloadProblem(sentence));
  };
}
