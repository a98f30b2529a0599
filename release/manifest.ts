import path from 'node:path';
import { built, pages, toBuiltFile, toDeclaration, types } from './layout.ts';
import {
  isImported,
  type Manifest,
  type PublishedPackage,
  readManifest,
  toPublishedName,
  workspaceScope,
} from './published.ts';

/** The `package.json` of a published package, made from that of its workspace. */
export function toPublishedManifest(published: PublishedPackage) {
  const own = readManifest('packages', published.name);
  const { repository } = readManifest();
  return {
    name: toPublishedName(published.name),
    version: own.version,
    description: own.description,
    keywords: published.keywords,
    license: own.license,
    ...(repository !== undefined && { repository }),
    type: 'module',
    exports: { ...toExports(own, published), ...toFileExports(['package.json', ...toDocuments(published)]) },
    ...(own.bin && { bin: mapValues(own.bin, (source) => toBuiltFile(source, 'js')) }),
    files: [
      built,
      ...(isImported(published) ? [] : [pages, 'npm-shrinkwrap.json']),
      ...toDocuments(published),
      'CHANGELOG.md',
    ],
    sideEffects: own.sideEffects ?? true,
    engines: published.engines,
    ...(own.peerDependencies && {
      peerDependencies: own.peerDependencies,
      peerDependenciesMeta: own.peerDependenciesMeta,
    }),
    dependencies: listDependencies(published.name),
    publishConfig: { access: 'public', provenance: true },
  };
}

/** The names of the documents in the package. */
function toDocuments({ document }: PublishedPackage): readonly string[] {
  return document === undefined ? [] : [path.basename(document)];
}

function toFileExports(files: readonly string[]) {
  return Object.fromEntries(files.map((file) => [`./${file}`, `./${file}`]));
}

function toExports({ exports = {} }: Manifest, { name, format }: PublishedPackage) {
  return mapValues(exports, (source) => {
    const entry = (extension: 'js' | 'cjs') => ({
      types: `./${types}/${toDeclaration(path.join(name, source), extension)}`,
      default: toBuiltFile(source, extension),
    });
    return format === 'esm' ? entry('js') : { import: entry('js'), require: entry('cjs') };
  });
}

/** What the package needs from the registry, and what those workspaces need whose code is built into it. */
function listDependencies(name: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = ({ dependencies = {} }: Manifest) => {
    for (const [dependency, range] of Object.entries(dependencies)) {
      if (dependency.startsWith(`${workspaceScope}/`)) visit(readManifest('packages', toFolder(dependency)));
      else if (found[dependency] === undefined) found[dependency] = range;
      else if (found[dependency] !== range)
        throw new Error(`${name} needs ${dependency} ${found[dependency]} and ${range}.`);
    }
  };
  visit(readManifest('packages', name));
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a.localeCompare(b)));
}

function toFolder(workspace: string): string {
  return workspace.slice(workspaceScope.length + 1);
}

function mapValues<Value>(
  record: Readonly<Record<string, string>>,
  map: (value: string) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
