import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { createOverloadProblem } from '../core/overload.ts';
import type { Clock } from '../platform/clock.ts';
import type { Headroom } from '../platform/headroom.ts';
import { countOpen, type OpenCalls } from './open-calls.ts';
import { limitBodies, limitSubmits, limitUploads } from './rate-limit.ts';

/**
 * Hooks with which a route refuses a call before anything of its body is read. There is one of each: the calls of a key count
 * together, whichever wires they use.
 */
export interface Gates {
  /** For calls that bring new work: refuses them while there is no room for it. */
  readonly room: onRequestHookHandler;
  /** For submits: refuses a key or an organization that has used up its submits of the last minute. */
  readonly rate: onRequestHookHandler;
  /** For all calls with a key: refuses a key or an organization that has used up its bytes of bodies of the last minute. */
  readonly bodies: onRequestHookHandler;
  /** For calls that ask for an address for an upload, or bring one: refuses a key or an organization that has used up those of the last minute. */
  readonly uploads: onRequestHookHandler;
  /** For calls that stay open (those that `isOpen` selects, or all): refuses a key that has as many as it may have. */
  open(isOpen?: (request: FastifyRequest) => boolean): onRequestHookHandler;
}

export interface GateOptions {
  readonly openCalls: OpenCalls;
  readonly headroom: Headroom;
  /** Submits in any minute of a key that has no limit of its own; `undefined`: any number. */
  readonly requestsPerMinute: number | undefined;
  /** Uploads that a key may ask for in any minute; an organization may ask for `organizationFactor` times as many. */
  readonly uploadsPerMinute: number;
  readonly clock: Clock;
}

export function createGates({ openCalls, headroom, ...rates }: GateOptions): Gates {
  return {
    room: refuseWhenShort(headroom),
    rate: limitSubmits(rates),
    bodies: limitBodies(rates),
    uploads: limitUploads(rates),
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
