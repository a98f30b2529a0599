import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './pages.ts';
import { createReferenceFiles } from './reference-files.ts';

/** `npm run docs`: writes docs/models.md, the files of docs/reference, and the types of the SDK. */

for (const [file, text] of await createReferenceFiles()) {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
  console.log(file);
}
