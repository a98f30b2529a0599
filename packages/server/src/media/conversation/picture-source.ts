import { maxReferenceBytes } from '@darkroom/protocol';
import { parseMediaName } from '../../core/conversation.ts';
import type { KeptAnswer } from '../../core/image-request.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import type { TurnPart, TurnRules } from '../../providers/image-model.ts';
import type { RemovalStore } from '../../store/removal-store.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { UploadStore } from '../../store/upload-store.ts';
import { assertDecodable } from '../codec/picture-codec.ts';
import { readPictureHead } from '../codec/picture-head.ts';
import { MediaUnreadableError } from '../media-errors.ts';
import type { MediaStore, SpooledMedia } from '../media-store.ts';
import { isUploadName } from '../picture-name.ts';
import { toHttpsUrl } from '../references/gs-uri.ts';
import { lacksEnd } from '../references/is-whole.ts';
import { prepareReference } from '../references/prepare-reference.ts';
import { ReferenceFailure } from '../references/reference-failure.ts';
import type { FetchedReference, ReferenceFetcher } from '../references/reference-fetcher.ts';
import { spoolPicture } from '../references/spool-picture.ts';

export type PicturePart = Extract<TurnPart, { kind: 'picture' }>;

export interface PictureSourceOptions {
  readonly store: Pick<RequestStore, 'findAnswer' | 'findPicture'>;
  readonly uploads: Pick<UploadStore, 'findOwner'>;
  readonly removals: Pick<RemovalStore, 'isRemoved'>;
  readonly media: MediaStore;
  readonly fetcher: Pick<ReferenceFetcher, 'fetch'>;
  /** The service's own address, without a trailing slash; read when it is needed. */
  readonly publicUrl: () => string;
}

export interface FetchContext {
  readonly organizationId: string;
  readonly folder: string;
  readonly rules: TurnRules;
  /** Pictures that were fetched already, by their URI. */
  readonly fetched?: ReadonlyMap<string, FetchedReference>;
  readonly signal: AbortSignal;
}

/** A picture of the model's own, with its answer. */
export interface OwnPicture {
  readonly picture: StoredPicture;
  readonly answer: KeptAnswer;
}

/** Gets the pictures of a conversation: from our own store, or from the address that the caller gave. */
export class PictureSource {
  readonly #options: PictureSourceOptions;

  constructor(options: PictureSourceOptions) {
    this.#options = options;
  }

  /** The picture and its answer, if a request of the organization brought it. */
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
    if (!spooled) return (await this.#isRemoved(picture.name)) ? deleted : gone;
    return (await isIntact(spooled, picture)) ? { kind: 'fetched', ...spooled } : cut;
  }

  /** The bytes behind a reference, whatever made them, in a form that the upstream reads. */
  async fetch(uri: string, context: FetchContext): Promise<FetchedReference> {
    const fetched = context.fetched?.get(uri) ?? (await this.fetchAsIs(uri, context));
    if (fetched.kind === 'failed') return fetched;
    return await failing(async () => {
      const prepared = await prepareReference(fetched.file, {
        folder: context.folder,
        types: context.rules.pictureTypes,
      });
      return { kind: 'fetched', ...prepared };
    });
  }

  /** The bytes behind a reference as they are. */
  async fetchAsIs(uri: string, context: Omit<FetchContext, 'rules'>): Promise<FetchedReference> {
    const name = parseMediaName(uri);
    const stored = name === undefined ? undefined : await this.#fetchStored(name, context);
    if (stored) return stored;
    // The name was issued for something that was stored and that no row names any more.
    if (uri.startsWith('media:')) return deleted;
    if (name !== undefined && (await this.#isRemoved(name))) return deleted;
    if (this.#isOwn(uri, name)) {
      const isAwaited = name !== undefined && (await this.#options.uploads.findOwner(name)) !== undefined;
      return { ...nothingStored, ...(isAwaited && { code: 'reference_not_uploaded' }) };
    }
    const url = uri.startsWith('gs://') ? toHttpsUrl(uri) : uri;
    if (url === undefined) return { kind: 'failed', reason: 'it does not have the form gs://BUCKET/OBJECT' };
    return this.#options.fetcher.fetch(url, context);
  }

  /** Is it an address of this service? Any loopback name with its port also counts, whatever its public address is. */
  #isOwn(uri: string, name: string | undefined): boolean {
    const url = URL.parse(uri);
    const own = URL.parse(this.#options.publicUrl());
    if (!url || !own || !/^https?:$/.test(url.protocol)) return false;
    const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    if (name !== undefined && isLoopback && url.port === own.port) return true;
    return url.host === own.host && url.pathname.startsWith(own.pathname.replace(/\/?$/, '/'));
  }

  #isRemoved(name: string): Promise<boolean> {
    return this.#options.removals.isRemoved(name);
  }

  /** `undefined` when no picture of this name exists, or is known to have existed. */
  async #fetchStored(name: string, { folder }: Pick<FetchContext, 'folder'>): Promise<FetchedReference | undefined> {
    if (isUploadName(name)) return await this.#fetchUpload(name, folder);
    const { media, store } = this.#options;
    // The order matters: an upload that arrives in the meantime is known only once it is stored.
    const known = await store.findPicture(name);
    const spooled = await media.spool(name, folder);
    if (!spooled) return known && gone;
    return known && spooled.file.bytes !== known.bytes ? cut : { kind: 'fetched', ...spooled };
  }

  /** The bucket accepted any bytes, so their size and type are checked here. */
  async #fetchUpload(name: string, folder: string): Promise<FetchedReference | undefined> {
    const opened = await this.#options.media.open(name);
    if (!opened) return undefined;
    return await failing(async () => {
      try {
        return { kind: 'fetched', ...(await spoolPicture(opened.stream, { folder, maxBytes: maxReferenceBytes })) };
      } catch (error) {
        if (error instanceof ReferenceFailure) throw error;
        throw new MediaUnreadableError('An upload broke off.', { cause: error });
      }
    });
  }

  /** The signature under this key, as a file; `undefined` when it is gone. */
  spoolSignature(key: string, folder: string): Promise<SpooledMedia['file'] | undefined> {
    return this.#options.media.spoolSignature(key, folder);
  }
}

const deleted: FetchedReference = {
  kind: 'failed',
  code: 'media_deleted',
  reason: 'it was deleted or has expired',
};
const gone: FetchedReference = { kind: 'failed', code: 'media_lost', reason: 'it is no longer stored' };
const cut: FetchedReference = { kind: 'failed', code: 'media_lost', reason: 'its stored file is cut off or broken' };

const nothingStored = { kind: 'failed', reason: 'nothing is stored under this address' } as const;

async function failing(fetch: () => Promise<FetchedReference>): Promise<FetchedReference> {
  try {
    return await fetch();
  } catch (error) {
    if (error instanceof ReferenceFailure) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

/** The length of an original that is not the picture itself is not recorded, so it must end as its type does, or decode. */
async function isIntact({ file, mimeType }: SpooledMedia, picture: StoredPicture): Promise<boolean> {
  if (picture.originalKey === undefined) return file.bytes === picture.bytes;
  // The picture came with that flaw.
  if (picture.flaw !== undefined || !(await lacksEnd(file, mimeType))) return true;
  return await readPictureHead(file)
    .then((head) => assertDecodable({ file, head }))
    .then(
      () => true,
      () => false,
    );
}
