import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What a package needs to be published. Everything else comes from its own `package.json`. */
export interface PublishedPackage {
  /** Its folder in `packages/`, and its name within the scope. */
  readonly name: string;
  readonly engines: { readonly node: string };
  /** `esm+cjs` where Node 20 may `require` it. What needs Node 24 can be required as an ES module. */
  readonly format: 'esm' | 'esm+cjs';
  readonly target: string;
  readonly keywords: readonly string[];
  /** A file of the repository that others can read from the package, by its name. */
  readonly document?: string;
}

const forBrowsersToo = { engines: { node: '>=20' }, format: 'esm+cjs', target: 'es2022' } as const;
const forServers = { engines: { node: '>=24.11' }, format: 'esm', target: 'node24' } as const;

/** In the order in which they are published. */
export const publishedPackages: readonly PublishedPackage[] = [
  {
    ...forBrowsersToo,
    name: 'protocol',
    keywords: ['darkroom', 'image-generation', 'zod', 'schemas', 'openapi'],
    document: 'docs/reference/openapi.json',
  },
  {
    ...forBrowsersToo,
    name: 'client',
    keywords: ['darkroom', 'image-generation', 'sdk', 'ai-sdk', 'gemini'],
  },
  { ...forServers, name: 'sandbox', keywords: ['darkroom', 'gemini', 'openai', 'fake', 'test-server'] },
  {
    ...forServers,
    name: 'server',
    keywords: ['darkroom', 'image-generation', 'queue', 'self-hosted', 'gemini', 'openai'],
  },
];

export const root = path.resolve(import.meta.dirname, '..');

/** The scope of the workspaces. Imports in the sources use it. */
export const workspaceScope = '@darkroom';

/** The parts of a `package.json` that matter here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: unknown;
  readonly sideEffects?: boolean;
  readonly repository?: unknown;
  /** Of the root: the scope on the registry, e.g. `@darkroom`. */
  readonly publishScope?: string;
}

export function readManifest(...folders: readonly string[]): Manifest {
  return JSON.parse(readFileSync(path.join(root, ...folders, 'package.json'), 'utf8')) as Manifest; // npm reads it, too
}

const { publishScope = workspaceScope } = readManifest();

/** The name on the registry. The scope is one setting: `publishScope` in the root's `package.json`. */
export function toPublishedName(name: string): string {
  return `${publishScope}/${name}`;
}

/** A text for readers of the registry, where the packages may have another scope than here. */
export function toPublishedText(text: string): string {
  return text.replaceAll(`${workspaceScope}/`, `${publishScope}/`);
}

/** Others are programs: they have no declarations, and bring the versions that they were tested with. */
export function isImported({ name }: PublishedPackage): boolean {
  return readManifest('packages', name).exports !== undefined;
}
