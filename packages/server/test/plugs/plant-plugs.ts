import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../../..');
const server = path.join(root, 'packages/server');

/**
 * A copy of the server's sources to which two folders and two lines are added, as somebody would who brings a vendor and a dialect
 * of their own. Nothing else of the copy differs from the sources.
 */
export async function plantPlugs() {
  const copy = await mkdtemp(path.join(os.tmpdir(), 'darkroom-plugs-'));
  const place = path.join(copy, 'packages/server');
  for (const name of ['src', 'bin', 'package.json'])
    await cp(path.join(server, name), path.join(place, name), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  await symlink(path.join(server, 'node_modules'), path.join(place, 'node_modules')).catch(() => undefined);
  await addFolder('providers/scratch', place);
  await addFolder('wires/scratch', place);
  await addLine(path.join(place, 'src/compose/providers.ts'), {
    import: "import { scratchProvider } from '../providers/scratch/scratch-provider.ts';",
    after: 'readonly Provider[] = [',
    line: 'scratchProvider,',
  });
  await addLine(path.join(place, 'src/compose/api.ts'), {
    import: "import { createScratchWire } from '../wires/scratch/scratch-wire.ts';",
    after: 'return [',
    line: 'createScratchWire(ports),',
  });
  return {
    bin: path.join(place, 'bin/darkroom.js'),
    remove: () => rm(copy, { recursive: true }),
  };
}

/** Here the folders' imports lead to the sources beside the tests; in the copy they are in the sources themselves. */
async function addFolder(folder: string, place: string): Promise<void> {
  const from = path.join(import.meta.dirname, folder);
  const to = path.join(place, 'src', folder);
  await mkdir(to);
  for (const file of await readdir(from)) {
    const text = await readFile(path.join(from, file), 'utf8');
    await writeFile(path.join(to, file), text.replaceAll("'../../../../src/", "'../../"));
  }
}

interface Addition {
  readonly import: string;
  /** Occurs once in the file. */
  readonly after: string;
  readonly line: string;
}

async function addLine(file: string, addition: Addition): Promise<void> {
  const text = await readFile(file, 'utf8');
  const parts = text.split(addition.after);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places for the line.`);
  await writeFile(file, `${addition.import}\n${parts.join(`${addition.after}\n  ${addition.line}\n`)}`);
}
