import { cp } from 'node:fs/promises';
import path from 'node:path';

/** Copies the files that pages link to as they are, such as a JSON document. Pictures and pages are part of the build already. */
export async function copyOtherFiles(pages: string, folder: string): Promise<void> {
  await cp(pages, folder, {
    recursive: true,
    filter: (source) => !source.endsWith('.md') && path.basename(source) !== 'pictures',
  });
}
