import { maxReferenceBytes } from '@darkroom/protocol';
import { parseMediaName } from '../../core/conversation.ts';
import type { KeptAnswer } from '../../core/image-request.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import type { TurnPart } from '../../providers/image-model.ts';
import type { RequestStore } from '../../store/request-store.ts';
import { MediaUnreadableError } from '../media-errors.ts';
import type { MediaStore, SpooledMedia } from '../media-store.ts';
import { isUploadName } from '../picture-name.ts';
import { toHttpsUrl } from '../references/gs-uri.ts';
import { ReferenceFailure } from '../references/reference-failure.ts';
import type { FetchedReference, ReferenceFetcher } from '../references/reference-fetcher.ts';
import { spoolPicture } from '../references/spool-picture.ts';

export type PicturePart = Extract<TurnPart, { kind: 'picture' }>;

export interface PictureSourceOptions {
  readonly store: Pick<RequestStore, 'findAnswer'>;
  readonly media: MediaStore;
  readonly fetcher: ReferenceFetcher;
}

export interface FetchContext {
  readonly organizationId: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A picture of the model's own, with its answer. */
export interface OwnPicture {
  readonly picture: StoredPicture;
  readonly answer: KeptAnswer;
}

/** Gets hold of the pictures of a conversation: out of our own store, or from where the caller points. */
export class PictureSource {
  readonly #options: PictureSourceOptions;

  constructor(options: PictureSourceOptions) {
    this.#options = options;
  }

  /** The picture and its answer, when a request of the organization brought it. */
  async findOwn(uri: string, organizationId: string): Promise<OwnPicture | undefined> {
    const name = parseMediaName(uri);
    const answer = name === undefined ? undefined : await this.#options.store.findAnswer(organizationId, name);
    for (const part of answer?.parts ?? []) {
      if (answer && part.kind === 'picture' && part.picture.name === name) return { picture: part.picture, answer };
    }
    return undefined;
  }

  /** The bytes as the model made them. Our own pictures are never fetched over HTTP. */
  async fetchOriginal({ picture }: OwnPicture, { folder }: FetchContext): Promise<FetchedReference> {
    const spooled = await this.#options.media.spoolOriginal(picture, folder);
    return toFetched(spooled);
  }

  /** The bytes behind a reference, whoever made them. */
  async fetch(uri: string, context: FetchContext): Promise<FetchedReference> {
    const name = parseMediaName(uri);
    const stored = name === undefined ? undefined : await this.#fetchStored(name, context);
    if (stored) return stored;
    if (uri.startsWith('media:')) return toFetched(undefined);
    const url = uri.startsWith('gs://') ? toHttpsUrl(uri) : uri;
    if (url === undefined) return { kind: 'failed', reason: 'it is not spelled gs://BUCKET/OBJECT' };
    return this.#options.fetcher.fetch(url, context);
  }

  /** `undefined` when there is none of this name. */
  async #fetchStored(name: string, { folder }: FetchContext): Promise<FetchedReference | undefined> {
    if (isUploadName(name)) return await this.#fetchUpload(name, folder);
    const spooled = await this.#options.media.spool(name, folder);
    return spooled && toFetched(spooled);
  }

  /** The bucket took whatever it was given: its size and kind are judged here. */
  async #fetchUpload(name: string, folder: string): Promise<FetchedReference | undefined> {
    const opened = await this.#options.media.open(name);
    if (!opened) return undefined;
    try {
      return toFetched(await spoolPicture(opened.stream, { folder, maxBytes: maxReferenceBytes }));
    } catch (error) {
      if (!(error instanceof ReferenceFailure))
        throw new MediaUnreadableError('An upload broke off.', { cause: error });
      return { kind: 'failed', reason: error.message };
    }
  }

  /** The thought signature under this key, as a file; `undefined` when it is gone. */
  spoolSignature(key: string, folder: string): Promise<SpooledMedia['file'] | undefined> {
    return this.#options.media.spoolSignature(key, folder);
  }
}

function toFetched(spooled: SpooledMedia | undefined): FetchedReference {
  if (!spooled) return { kind: 'failed', reason: 'it is no longer stored' };
  return { kind: 'fetched', ...spooled };
}
