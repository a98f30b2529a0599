import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { toPublishedManifest } from './manifest.ts';
import { root, workspaceScope } from './published.ts';

/**
 * The `npm-shrinkwrap.json` of a published program: the part of the repository's lock file that it needs. So everybody who
 * installs the program gets the versions that were tested, by their checksums.
 */
export function toShrinkwrap(name: string, manifest: ReturnType<typeof toPublishedManifest>): object {
  const locked = readLock();
  const kept = new Map<string, LockedPackage>();
  /** Keeps what the package at `from` in the repository needs; in the published tree that package is at `at`. */
  const visit = (from: string, at: string) => {
    for (const dependency of listDependencies(locked[from] ?? {})) {
      const found = findPlace(locked, from, dependency);
      const one = found === undefined ? undefined : locked[found];
      if (found === undefined || one === undefined) continue;
      // The code of a workspace is built in, but what it needs is not.
      if (one.link) visit(`packages/${dependency.slice(workspaceScope.length + 1)}`, at);
      else {
        const place = choosePlace(kept, one, [toPlace(found), path.posix.join(at, 'node_modules', dependency)]);
        if (place === undefined) continue;
        kept.set(place, one);
        visit(found, place);
      }
    }
  };
  visit(`packages/${name}`, '');
  const { version, license, bin, engines, dependencies } = manifest;
  const own = { name: manifest.name, version, license, dependencies, bin, engines };
  const packages = Object.fromEntries([...kept].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { name: manifest.name, version, lockfileVersion: 3, requires: true, packages: { '': own, ...packages } };
}

/** The first place that is free; `undefined` when one of them has the package already. */
function choosePlace(
  kept: ReadonlyMap<string, LockedPackage>,
  { version }: LockedPackage,
  places: readonly string[],
): string | undefined {
  for (const place of places) {
    const there = kept.get(place);
    if (there === undefined) return place;
    if (there.version === version) return undefined;
  }
  throw new Error(`There is no place for ${places[0]} ${version}.`);
}

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

type Lock = Readonly<Record<string, LockedPackage>>;

export function readLock(): Lock {
  const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  return (JSON.parse(text) as { readonly packages: Lock }).packages; // as npm documents it
}

function listDependencies(one: LockedPackage): readonly string[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = one;
  const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/** Where Node finds a dependency: beside the package, or beside one of those around it. */
function findPlace(locked: Lock, from: string, dependency: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const place = path.posix.join(folder, 'node_modules', dependency);
    if (locked[place]) return place;
    if (folder === '') return undefined;
  }
}

/** What a workspace has for itself is beside everything else when it is built in. */
function toPlace(place: string): string {
  return place.replace(/^packages\/[^/]+\//, '');
}
