export interface BucketClientOptions<Loaded> {
  readonly load: () => Promise<Loaded>;
  /** Explains an error of the SDK to the operator in a sentence. */
  readonly toError: (error: unknown) => unknown;
  /** Does the error say that the object does not exist? */
  readonly isMissing: (error: unknown) => boolean;
}

/** The SDK of a bucket, loaded at the first call. Every error that it throws is translated. */
export class BucketClient<Loaded> {
  readonly #options: BucketClientOptions<Loaded>;
  #loaded: Promise<Loaded> | undefined;

  constructor(options: BucketClientOptions<Loaded>) {
    this.#options = options;
  }

  async call<T>(work: (loaded: Loaded) => Promise<T>): Promise<T> {
    try {
      this.#loaded ??= this.#options.load();
      return await work(await this.#loaded);
    } catch (error) {
      throw this.#options.toError(error);
    }
  }

  /** `undefined` when the object does not exist. */
  find<T>(work: (loaded: Loaded) => Promise<T>): Promise<T | undefined> {
    return this.call((loaded) =>
      work(loaded).catch((error: unknown) => {
        if (this.#options.isMissing(error)) return undefined;
        throw error;
      }),
    );
  }
}
