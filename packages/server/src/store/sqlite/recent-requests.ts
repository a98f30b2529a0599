import type { ImageRequest } from '../../core/image-request.ts';

const maxRequests = 1_000;

/** In characters of payload, so that the whole stays below some 20 MB. */
const maxCharacters = 16_384;

/**
 * Requests as they were read last, since clients poll the same ones again and again. Every write that changes what a
 * record shows forgets its request; a write of another process forgets all.
 */
export class RecentRequests {
  readonly #requests = new Map<string, ImageRequest>();

  get(id: string): ImageRequest | undefined {
    return this.#requests.get(id);
  }

  keep(request: ImageRequest): void {
    if (request.payload.length > maxCharacters) return;
    // A Map keeps the order of insertion: its first is the oldest.
    const [oldest] = this.#requests.size < maxRequests ? [] : this.#requests.keys();
    if (oldest !== undefined) this.#requests.delete(oldest);
    this.#requests.set(request.id, request);
  }

  forget(id: string): void {
    this.#requests.delete(id);
  }

  forgetAll(): void {
    this.#requests.clear();
  }
}
