import type { ClientLine } from '../client-line.ts';

/** A call of JSON-RPC, as its client numbers it. Clients of one key may use the same numbers. */
export interface NumberedCall {
  readonly apiKeyId: string;
  readonly id: unknown;
}

/**
 * Calls whose clients may give up without closing the line: older clients send `notifications/cancelled` by another call. Whoever
 * else has a call of the same number loses nothing: it gets its answer as before.
 */
export class GivenUpCalls {
  readonly #lines = new Map<string, Set<ClientLine>>();

  /** Follows the call until its line is closed. */
  follow(call: NumberedCall, line: ClientLine): void {
    const key = toKey(call);
    const same = this.#lines.get(key) ?? new Set();
    this.#lines.set(key, same.add(line));
    line.gone.addEventListener('abort', () => {
      same.delete(line);
      if (same.size === 0) this.#lines.delete(key);
    });
  }

  async giveUp(call: NumberedCall): Promise<void> {
    await Promise.all([...(this.#lines.get(toKey(call)) ?? [])].map((line) => line.leaves()));
  }
}

function toKey({ apiKeyId, id }: NumberedCall): string {
  return `${apiKeyId} ${JSON.stringify(id)}`;
}
