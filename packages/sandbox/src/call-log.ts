/** How a call ended: the status of its answer, or `closed` when the connection ended before the answer. */
export type CallResult = number | 'closed';

/** Counts the calls to `generateContent` and how they ended. */
export class CallLog {
  #inFlight = 0;
  readonly #ended = new Map<CallResult, number>();

  get inFlight(): number {
    return this.#inFlight;
  }

  get total(): number {
    return this.#inFlight + [...this.#ended.values()].reduce((sum, count) => sum + count, 0);
  }

  get byResult(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ended);
  }

  begin(): void {
    this.#inFlight += 1;
  }

  end(result: CallResult): void {
    this.#inFlight -= 1;
    this.#ended.set(result, (this.#ended.get(result) ?? 0) + 1);
  }
}
