import path from 'node:path';
import { type OutputOptions, type Plugin, rolldown } from 'rolldown';
import { built, pages, toEntryName } from './layout.ts';
import { toPublishedManifest } from './manifest.ts';
import { type PublishedPackage, readManifest, root, workspaceScope } from './published.ts';

/**
 * Builds the JavaScript of a package into its staged folder, where its `package.json` already is. The code of other workspaces
 * is built in; what the `package.json` lists stays outside. Returns the private workspaces whose built pages it serves.
 */
export async function bundle(published: PublishedPackage, staged: string): Promise<readonly string[]> {
  const { name, target, format } = published;
  const { exports = {}, bin = {} } = readManifest('packages', name);
  const sources = [...Object.values(exports), ...Object.values(bin)];
  const served = new Set<string>();
  const bundled = await rolldown({
    input: Object.fromEntries(
      sources.map((source) => [toEntryName(source), path.join(root, 'packages', name, source)]),
    ),
    external: isOutside(Object.keys(toPublishedManifest(published).dependencies)),
    platform: 'neutral',
    transform: { target },
    plugins: [readStagedManifest(staged), resolvePages(served)],
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  const dir = path.join(staged, built);
  await bundled.write(toOutput(dir, 'esm'));
  if (format === 'esm+cjs') await bundled.write(toOutput(dir, 'cjs'));
  await bundled.close();
  return [...served];
}

function toOutput(dir: string, format: 'esm' | 'cjs'): OutputOptions {
  const fileNames = format === 'esm' ? '[name].js' : '[name].cjs';
  return { dir, format, sourcemap: true, entryFileNames: fileNames, chunkFileNames: fileNames };
}

/** Modules of Node, and the packages that are installed beside this one. Anything else that is not ours fails the build. */
function isOutside(dependencies: readonly string[]) {
  return (id: string) =>
    id.startsWith('node:') || dependencies.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Sources that read their version read the name and the version that are published. */
function readStagedManifest(staged: string): Plugin {
  return {
    name: 'staged-manifest',
    resolveId: (id) => (/^(?:\.\.\/)+package\.json$/.test(id) ? path.join(staged, 'package.json') : null),
  };
}

/**
 * The server finds the built pages of private workspaces (the console, the documentation) by their `package.json`. In the
 * published package they are in the folder `pages`.
 */
function resolvePages(served: Set<string>): Plugin {
  const place = new RegExp(`import\\.meta\\.resolve\\('${workspaceScope}/([\\w-]+)/package\\.json'\\)`, 'g');
  return {
    name: 'pages',
    transform(code) {
      if (!code.includes('import.meta.resolve')) return null;
      const placed = code.replaceAll(place, (_, name: string) => {
        served.add(name);
        return `new URL('../${pages}/${name}/package.json', import.meta.url).href`;
      });
      // The lines stay where they are.
      return { code: placed, map: null };
    },
  };
}
