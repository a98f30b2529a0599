import path from 'node:path';
import { parseArgs } from 'node:util';
import { audit, checkLicences } from './audit.ts';
import { lint } from './lint.ts';
import { type Packed, packAll, run } from './pack.ts';
import { publishedPackages, readManifest, root } from './published.ts';

/** `npm run release`: builds, checks and publishes all packages; with `--dry-run`, everything but the last. */

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const isDryRun = values['dry-run'];

try {
  await release();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function release(): Promise<void> {
  await refuseChanges();
  refuseOtherVersions();
  if (!isDryRun) refuseWithoutRepository();
  console.log(checkLicences());
  console.log(await audit());
  await run('npm', ['run', 'build']);
  const packages = await packAll();
  await Promise.all(packages.map(lint));
  for (const packed of packages) await publish(packed);
}

/** What is published must be what is committed. */
async function refuseChanges(): Promise<void> {
  const changes = await run('git', ['status', '--porcelain']);
  if (changes !== '') throw new Error(`Commit or remove these changes first:\n${changes}`);
}

function refuseOtherVersions(): void {
  const { version } = readManifest();
  for (const { name } of publishedPackages) {
    const own = readManifest('packages', name).version;
    if (own !== version)
      throw new Error(`packages/${name} has version ${own}, the project ${version}. They go in step.`);
  }
}

/** npm compares the provenance with it. */
function refuseWithoutRepository(): void {
  if (readManifest().repository === undefined)
    throw new Error('package.json has no "repository", which npm needs for the provenance.');
}

async function publish({ name, version, tarball, bytes }: Packed): Promise<void> {
  const size = `${Math.ceil(bytes / 1_000)} kB`;
  if (isDryRun) {
    console.log(
      `Would publish ${name}@${version}, ${size}: npm publish ${path.relative(root, tarball)} --provenance --access public`,
    );
    return;
  }
  await run('npm', ['publish', tarball, '--provenance', '--access', 'public']);
  console.log(`Published ${name}@${version}, ${size}.`);
}
