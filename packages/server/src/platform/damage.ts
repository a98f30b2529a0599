import type { Logger } from './logger.ts';

/** What may be damaged: pages of the database, or files of pictures. */
export type Damaged = 'database' | 'pictures';

/**
 * How often this process has met damage since it started. Damage stops nothing: what needs a damaged part is answered with an error, and
 * everything else goes on, so only this count and the log show that a backup is needed.
 */
export class DamageCount {
  readonly #logger: Logger;
  readonly #met: Record<Damaged, number> = { database: 0, pictures: 0 };
  readonly #logged = new Set<string>();
  #onMet: ((what: Damaged) => void) | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Called each time from now on. */
  onMet(listener: (what: Damaged) => void): void {
    this.#onMet = listener;
  }

  /** A statement on these tables met damaged pages. The log names the same tables once: claims would repeat it every second. */
  metPages(tables: string): void {
    this.#count('database');
    if (this.#logged.has(tables)) return;
    this.#logged.add(tables);
    this.#logger.error({ event: 'store.damaged', tables });
  }

  metPicture(facts: { readonly name: string } & Readonly<Record<string, unknown>>): void {
    this.#count('pictures');
    this.#logger.error({ event: 'media.lost', ...facts });
  }

  read(): Readonly<Record<Damaged, number>> {
    return { ...this.#met };
  }

  #count(what: Damaged): void {
    this.#met[what]++;
    this.#onMet?.(what);
  }
}
