import { createHash } from 'node:crypto';

/** How often each prompt was called with, for the last `capacity` prompts that came. */
export class PromptCounts {
  readonly #capacity: number;
  /** By digest, so that long prompts weigh no more than short ones; in order of their last call. */
  readonly #counts = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  of(prompt: string): number {
    return this.#counts.get(toKey(prompt)) ?? 0;
  }

  /** Counts one more call, and gives its number, from 1. */
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
