import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The inline scripts of the pages, as files: the server's policy forbids inline scripts. */
export class ScriptFiles {
  readonly #base: string;
  readonly #scripts = new Map<string, string>();

  constructor(base: string) {
    this.#base = base;
  }

  /** The page with a file in place of each inline script. */
  takeFrom(html: string): string {
    return html.replaceAll(/<script(?: id="[\w-]+")?>(.+?)<\/script>/gs, (_whole, script: string) => {
      const file = `assets/inline.${createHash('sha256').update(script).digest('hex').slice(0, 8)}.js`;
      this.#scripts.set(file, script);
      return `<script src="${this.#base}${file}"></script>`;
    });
  }

  async writeTo(folder: string): Promise<void> {
    for (const [file, script] of this.#scripts) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), script);
    }
  }
}
