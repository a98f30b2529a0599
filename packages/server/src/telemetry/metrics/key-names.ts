import type { KeyStore } from '../../store/key-store.ts';

/** Names of API keys by their ids, each looked up once; an unknown id has the name `unknown`. Rejects never. */
export class KeyNames {
  readonly #keys: Pick<KeyStore, 'find'>;
  /** Keys that no row holds. */
  readonly #own: ReadonlyMap<string, string>;
  readonly #names = new Map<string, Promise<string>>();

  constructor(keys: Pick<KeyStore, 'find'>, own: ReadonlyMap<string, string>) {
    this.#keys = keys;
    this.#own = own;
  }

  nameOf(id: string): Promise<string> {
    const known = this.#names.get(id);
    if (known) return known;
    if (this.#names.size >= maxNames) this.#names.clear();
    const name = this.#find(id);
    this.#names.set(id, name);
    return name;
  }

  async #find(id: string): Promise<string> {
    try {
      return this.#own.get(id) ?? (await this.#keys.find(id))?.name ?? 'unknown';
    } catch {
      // Asked again at the next cost.
      this.#names.delete(id);
      return 'unknown';
    }
  }
}

const maxNames = 10_000;
