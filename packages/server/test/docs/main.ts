import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './pages.ts';
import { createReferencePages } from './reference-pages.ts';

/** `npm run docs`: writes docs/models.md and the pages of docs/reference. */

for (const [page, text] of createReferencePages()) {
  await mkdir(path.dirname(path.join(root, page)), { recursive: true });
  await writeFile(path.join(root, page), text);
  console.log(page);
}
