import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toDeclaration, types } from './layout.ts';
import { type PublishedPackage, readManifest, root, workspaceScope } from './published.ts';

/**
 * Copies the declarations that `tsc -b` has written: those of the entries, and all that they import from this and other
 * workspaces. Their imports are made to name the copies.
 */
export async function copyDeclarations(published: PublishedPackage, staged: string): Promise<void> {
  const { exports = {} } = readManifest('packages', published.name);
  for (const extension of published.format === 'esm' ? (['js'] as const) : (['js', 'cjs'] as const)) {
    const files = Object.values(exports).map((source) => path.join(published.name, source));
    const seen = new Set(files);
    for (const file of files) {
      const { text, imported } = await readDeclaration(file, extension);
      const place = path.join(staged, types, toDeclaration(file, extension));
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, text);
      // The loop goes on with what is added to its list.
      for (const one of imported) if (!seen.has(one)) files.push(one);
      for (const one of imported) seen.add(one);
    }
  }
}

interface Declaration {
  readonly text: string;
  /** The sources that it imports, by their paths in `packages/`. */
  readonly imported: readonly string[];
}

async function readDeclaration(file: string, extension: 'js' | 'cjs'): Promise<Declaration> {
  const imported: string[] = [];
  const text = (await readEmitted(file)).replaceAll(specifier, (whole, before: string, id: string, after: string) => {
    const source = toSource(file, id);
    if (source === undefined) return whole;
    imported.push(source);
    const [from, to] = [file, source].map((one) => toDeclaration(one, 'js'));
    const relative = path.relative(path.dirname(from ?? ''), to ?? '').replace(/\.d\.ts$/, `.${extension}`);
    return `${before}${relative.startsWith('.') ? '' : './'}${relative}${after}`;
  });
  return {
    text: extension === 'cjs' ? text.replaceAll(foreignTypes, `$& with { 'resolution-mode': 'import' }`) : text,
    imported,
  };
}

/** Types from another package, which may be an ES module: CommonJS must say that it wants those. */
const foreignTypes = /^import type .* from '[^'.][^']*'(?=;)/gm;

const specifier = /(\bfrom ['"]|\bimport\(['"]|^import ['"])([^'"]+)(['"])/gm;

/** The source that an import of ours names; `undefined` for other packages. */
function toSource(file: string, id: string): string | undefined {
  if (id.startsWith('.')) return path.join(path.dirname(file), id);
  if (!id.startsWith(`${workspaceScope}/`)) return undefined;
  const [, name = '', ...rest] = id.split('/');
  const { exports = {} } = readManifest('packages', name);
  const source = exports[rest.length === 0 ? '.' : `./${rest.join('/')}`];
  if (source === undefined) throw new Error(`${file} imports ${id}, which does not exist.`);
  return path.join(name, source);
}

/** Some workspaces have their declarations under `src`, others without it. */
async function readEmitted(file: string): Promise<string> {
  const cache = path.join(root, 'node_modules/.cache/types');
  const whole = path.join(cache, file.replace(/\.ts$/, '.d.ts'));
  return readFile(whole, 'utf8').catch(() => readFile(path.join(cache, toDeclaration(file, 'js')), 'utf8'));
}
