import type { ImageRequest } from '../../../core/image-request.ts';

const maxRequests = 1_000;

/** In characters of payload, so that all of them together stay below some 20 MB. */
const maxCharacters = 16_384;

/**
 * Requests as they were read last, since clients poll the same ones repeatedly. Every write that changes what a record shows
 * forgets its request; a write of another process forgets all. A large request is held only while it is in use, so all its
 * readers share one object.
 */
export class RecentRequests {
  readonly #requests = new Map<string, ImageRequest | WeakRef<ImageRequest>>();

  get(id: string): ImageRequest | undefined {
    const kept = this.#requests.get(id);
    return kept instanceof WeakRef ? kept.deref() : kept;
  }

  keep(request: ImageRequest): void {
    // A Map keeps the order of insertion, so its first entry is the oldest.
    const [oldest] = this.#requests.size < maxRequests ? [] : this.#requests.keys();
    if (oldest !== undefined) this.#requests.delete(oldest);
    const isLarge = request.payload.length > maxCharacters;
    this.#requests.set(request.id, isLarge ? new WeakRef(request) : request);
  }

  forget(id: string): void {
    this.#requests.delete(id);
  }

  forgetAll(): void {
    this.#requests.clear();
  }
}
