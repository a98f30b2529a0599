import type { ImageRequest } from '../../core/image-request.ts';

/** What the wire itself has to repeat in its records; the key `replicate` of the payload. */
export interface ReplicateNote {
  readonly model: string;
  /** As the caller named it. */
  readonly version?: string | undefined;
  /** The input as it was sent, without its texts and pictures, which the payload has. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Requests of other wires have no note. */
export function readNote({ payload }: Pick<ImageRequest, 'payload'>): ReplicateNote | undefined {
  const { replicate } = JSON.parse(payload) as { readonly replicate?: ReplicateNote }; // this wire writes the key
  return typeof replicate === 'object' ? replicate : undefined;
}
