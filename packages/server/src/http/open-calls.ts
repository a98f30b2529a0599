import { groupDigits } from '@darkroom/protocol';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { type OneLimit, toLimits, toSubject } from '../core/limits.ts';
import { organizationFactor } from '../core/organization.ts';
import { Problem } from '../core/problem.ts';
import { isExpired, isSuspended } from '../keys/found-key.ts';
import type { Sessions } from '../people/sessions.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import type { KeyStore } from '../store/key-store.ts';
import { type Caller, configuredKeyId } from './auth.ts';
import { onAnswerOver } from './sockets/open-answer.ts';

export interface OpenCallsOptions {
  readonly keys: Pick<KeyStore, 'findWithOrganizations'>;
  readonly sessions: Pick<Sessions, 'isActive'>;
  /**
   * How many a key without a limit of its own may have in this process; its organization may have `organizationFactor` times as
   * many.
   */
  readonly maxStreams: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborts when the caller's key is revoked or has expired, the session has ended, or the organization is suspended. It is set on calls that `countOpen` has counted. */
    revoked: AbortSignal | undefined;
  }
}

/** How often each key with open calls is looked up, once for all of its calls: another process may have revoked it, or time has. */
const watchMs = 2_000;
/** A caller may try again after this time. */
const retryAfterSeconds = 5;

/** The calls that stay open: event streams and waits. Counts those of each key and organization; ends those of a key that is no longer valid. */
export class OpenCalls implements Service {
  readonly #options: OpenCallsOptions;
  readonly #ofKey = new Map<string, Set<OpenCall>>();
  readonly #ofOrganization = new Map<string, number>();
  readonly #repeat: Service;

  constructor(options: OpenCallsOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#repeat = createRepeat({
      event: 'keys.unread',
      everyMs: watchMs,
      work: () => this.#endRevoked(),
      clock,
      logger,
    });
  }

  start = (): Promise<void> => this.#repeat.start();
  stop = (): Promise<void> => this.#repeat.stop();

  /** Throws a `Problem` when the key or the organization has as many as it may have. Otherwise `leave` must be called once. */
  enter(
    { apiKeyId, organizationId, limits, session }: Caller,
    isStream: () => boolean,
  ): { readonly call: OpenCall; readonly leave: () => void } {
    const { maxStreams: ofKey } = this.#options;
    const same = this.#ofKey.get(apiKeyId) ?? new Set();
    const inOrganization = this.#ofOrganization.get(organizationId) ?? 0;
    const defaults = { ofKey, ofOrganization: ofKey * organizationFactor };
    for (const limit of toLimits('open_streams', limits, defaults))
      if ((limit.of === 'key' ? same.size : inOrganization) >= limit.value) throw tooMany(limit);
    const call: OpenCall = { organizationId, sessionId: session?.id, isStream, end: new AbortController() };
    this.#ofKey.set(apiKeyId, same.add(call));
    this.#ofOrganization.set(organizationId, inOrganization + 1);
    const leave = () => {
      same.delete(call);
      if (same.size === 0) this.#ofKey.delete(apiKeyId);
      const left = (this.#ofOrganization.get(organizationId) ?? 1) - 1;
      if (left > 0) this.#ofOrganization.set(organizationId, left);
      else this.#ofOrganization.delete(organizationId);
    };
    return { call, leave };
  }

  /** Walks over all of them. */
  count(): { readonly streams: number; readonly waits: number } {
    const calls = [...this.#ofKey.values()].flatMap((ofKey) => [...ofKey]);
    const streams = calls.filter(({ isStream }) => isStream()).length;
    return { streams, waits: calls.length - streams };
  }

  async #endRevoked(): Promise<void> {
    const { keys, clock } = this.#options;
    // Looked up together: a store may use one statement for all.
    await Promise.all(
      [...this.#ofKey].map(async ([apiKeyId, calls]) => {
        if (apiKeyId === configuredKeyId) return;
        const [found, ended] = await Promise.all([keys.findWithOrganizations(apiKeyId), this.#findEnded(calls)]);
        const isValid = found && found.key.revokedAt === undefined && !isExpired(found.key, clock.now());
        for (const { organizationId, sessionId, end } of calls)
          if (!isValid || isSuspended(found, organizationId) || ended.has(sessionId)) end.abort();
      }),
    );
  }

  /** The sessions of the calls that have ended. Calls with keys alone have no session that could end. */
  async #findEnded(calls: ReadonlySet<OpenCall>): Promise<ReadonlySet<string | undefined>> {
    const ids = [...new Set([...calls].flatMap(({ sessionId }) => sessionId ?? []))];
    const areActive = await Promise.all(ids.map((id) => this.#options.sessions.isActive(id)));
    return new Set(ids.filter((_id, at) => !areActive[at]));
  }
}

interface OpenCall {
  readonly organizationId: string;
  isStream: () => boolean;
  /** Of a person. */
  readonly sessionId: string | undefined;
  readonly end: AbortController;
}

/** Counts a call as open until its answer has ended or its client has gone, and refuses it before anything is done for it. */
export function countOpen(calls: OpenCalls, isOpen = (_request: FastifyRequest) => true): onRequestHookHandler {
  return (request, reply, done) => {
    const { raw } = reply;
    if (!isOpen(request)) return done();
    try {
      const { call, leave } = calls.enter(request.caller, () => isTakenOver(reply));
      request.revoked = call.end.signal;
      // Only streams leave; the reply is not needed to know it.
      const onLeave = () => {
        call.isStream = always;
      };
      if (raw.destroyed) leave();
      else onAnswerOver(raw, leave, onLeave);
      done();
    } catch (error) {
      // `enter` throws a `Problem`.
      done(error as Problem);
    }
  };
}

/** Only event streams take their answers from Fastify (`event-sink.ts`); an open call has not ended its answer. */
function isTakenOver(reply: FastifyReply): boolean {
  return reply.sent;
}

function always(): boolean {
  return true;
}

function tooMany(limit: OneLimit): Problem {
  return new Problem(
    'too_many_streams',
    `${toSubject(limit)} already has ${groupDigits(limit.value)} event streams and waits open, which is its limit: end one, or follow all requests with one stream.`,
    { retryAfterSeconds, limit: { name: 'open_streams', ...limit } },
  );
}
