import type { ImageRequest } from '../../core/image-request.ts';

/** What the wire itself has to know about a request later; the key `fal` of its payload. */
export interface FalNote {
  readonly endpoint: string;
  /** The pictures are answered as data URIs. */
  readonly sync_mode?: boolean | undefined;
  /** It is cancelled when it has not begun after these seconds. */
  readonly start_timeout?: number | undefined;
}

/** Requests of other wires have no note. */
export function readNote({ payload }: Pick<ImageRequest, 'payload'>): Partial<FalNote> {
  const { fal } = JSON.parse(payload) as { readonly fal?: Partial<FalNote> }; // this wire writes the key
  return typeof fal === 'object' && fal !== null ? fal : {};
}
