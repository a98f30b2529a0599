import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { isImported, type PublishedPackage, publishedPackages, root, toPublishedName } from './published.ts';
import { output, stage } from './stage.ts';

/** A package as it is published. */
export interface Packed {
  readonly published: PublishedPackage;
  /** The name on the registry. */
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
  readonly bytes: number;
}

/** Builds and packs all packages. The console and the documentation must have been built. */
export async function packAll(): Promise<readonly Packed[]> {
  // The packages use its declarations.
  await run('tsc', ['-b', ...publishedPackages.filter(isImported).map(({ name }) => `packages/${name}`)]);
  const packed: Packed[] = [];
  for (const published of publishedPackages) packed.push(await pack(published));
  return packed;
}

async function pack(published: PublishedPackage): Promise<Packed> {
  const staged = await stage(published);
  const text = await run('npm', ['pack', staged, '--pack-destination', output, '--json', '--ignore-scripts']);
  const { filename, version, size } = readReport(text);
  return {
    published,
    name: toPublishedName(published.name),
    version,
    tarball: path.join(output, filename),
    bytes: size,
  };
}

interface PackReport {
  readonly filename: string;
  readonly version: string;
  readonly size: number;
}

/** npm 11 answers with a list, npm 12 with an object of packages. */
function readReport(text: string): PackReport {
  const [report] = Object.values(JSON.parse(text) as Readonly<Record<string, PackReport>>); // as npm documents it
  if (!report) throw new Error('npm packed nothing.');
  return report;
}

/** Runs a program of npm's in the root, and resolves to what it printed. Rejects with that when it fails. */
export async function run(program: string, words: readonly string[]): Promise<string> {
  const places = [path.join(root, 'node_modules/.bin'), process.env['PATH']];
  const env = { ...process.env, PATH: places.join(path.delimiter) };
  try {
    const { stdout } = await promisify(execFile)(program, words, { cwd: root, env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }; // of execFile
    throw new Error(`${program} ${words.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

if (import.meta.main) for (const { tarball } of await packAll()) console.log(path.relative(root, tarball));
