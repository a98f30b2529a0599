import { createHash } from 'node:crypto';

/** Counts the calls for each prompt, for the last `capacity` prompts. */
export class PromptCounts {
  readonly #capacity: number;
  /** Keyed by digest, so that long prompts take no more memory than short ones. In the order of their last call. */
  readonly #counts = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  of(prompt: string): number {
    return this.#counts.get(toKey(prompt)) ?? 0;
  }

  /** Counts a call and returns its number, from 1. */
  count(prompt: string): number {
    const key = toKey(prompt);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > this.#capacity && oldest !== undefined) this.#counts.delete(oldest);
    return count;
  }
}

function toKey(prompt: string): string {
  return createHash('sha256').update(prompt).digest('base64');
}
