import type { ImageRequest } from '../../../core/image-request.ts';

const maxRequests = 1_000;

/** In characters of payload, so that the whole stays below some 20 MB. */
const maxCharacters = 16_384;

/**
 * Requests as they were read last, since clients poll the same ones again and again. Every write that changes what a
 * record shows forgets its request; a write of another process forgets all. Large ones are held only for as long as
 * somebody uses them, so all readers of one share it.
 */
export class RecentRequests {
  readonly #requests = new Map<string, ImageRequest | WeakRef<ImageRequest>>();

  get(id: string): ImageRequest | undefined {
    const kept = this.#requests.get(id);
    return kept instanceof WeakRef ? kept.deref() : kept;
  }

  keep(request: ImageRequest): void {
    // A Map keeps the order of insertion: its first is the oldest.
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
