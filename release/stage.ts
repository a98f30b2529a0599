import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundle } from './bundle.ts';
import { copyDeclarations } from './declarations.ts';
import { pages } from './layout.ts';
import { toShrinkwrap } from './lock.ts';
import { toPublishedManifest } from './manifest.ts';
import { isImported, type PublishedPackage, root, toPublishedText } from './published.ts';

/** What is staged and packed. Git ignores it. */
export const output = path.join(root, 'dist');

/** Builds the folder that is published. The workspace itself stays as it is: its sources run without a build. */
export async function stage(published: PublishedPackage): Promise<string> {
  const { name } = published;
  const source = path.join(root, 'packages', name);
  const staged = path.join(output, name);
  await rm(staged, { recursive: true, force: true });
  await mkdir(staged, { recursive: true });
  const manifest = toPublishedManifest(published);
  await writeJson(path.join(staged, 'package.json'), manifest);
  if (!isImported(published)) await writeJson(path.join(staged, 'npm-shrinkwrap.json'), toShrinkwrap(name, manifest));
  const served = await bundle(published, staged);
  await copyDeclarations(published, staged);
  for (const page of served) await copyPages(page, staged);
  // The project's changelog is that of the server.
  const changelog = name === 'server' ? root : source;
  await copyText(path.join(source, 'README.md'), staged);
  await copyText(path.join(changelog, 'CHANGELOG.md'), staged);
  for (const file of ['LICENSE', ...(published.document === undefined ? [] : [published.document])])
    await cp(path.join(root, file), path.join(staged, path.basename(file)));
  return staged;
}

async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

async function copyText(file: string, staged: string): Promise<void> {
  await writeFile(path.join(staged, path.basename(file)), toPublishedText(await readFile(file, 'utf8')));
}

async function copyPages(name: string, staged: string): Promise<void> {
  const from = path.join(root, 'packages', name, 'dist');
  const to = path.join(staged, pages, name);
  await mkdir(to, { recursive: true });
  await cp(from, path.join(to, 'dist'), { recursive: true }).catch((error: unknown) => {
    throw new Error(`${name} is not built yet: run "npm run build" first.`, { cause: error });
  });
  await writeFile(path.join(to, 'package.json'), '{}\n');
}
