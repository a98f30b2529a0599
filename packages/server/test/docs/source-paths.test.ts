import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutBlocks } from './markdown.ts';
import { readPages, root } from './pages.ts';

const sources = path.join(root, 'packages/server/src');

/** Text in backticks that looks like a file or folder of the sources: it has a slash inside, or ends like one of our files. */
function readPaths(text: string): readonly string[] {
  const spans = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return spans.filter(
    (span) => /^[a-z][\w*./-]*$/.test(span) && (/\.(ts|tsx|md)$/.test(span) || /^[\w-]+(\/[\w*.-]+)*\/$/.test(span)),
  );
}

/** Paths are written from the root of the project, from the server's package or from its sources. */
function isThere(file: string): boolean {
  const places = [root, path.join(root, 'packages/server'), sources].map((folder) => path.join(folder, file));
  return places.some((place) => (file.includes('*') ? globSync(place).length > 0 : existsSync(place)));
}

describe('the architecture pages', () => {
  const pages = [...readPages()].filter(([page]) => page.startsWith('docs/architecture/'));

  it('name files', () => {
    expect(pages.flatMap(([, text]) => readPaths(text)).length).toBeGreaterThan(50);
  });

  it('name only files and folders that exist', () => {
    const missing = pages.flatMap(([page, text]) =>
      readPaths(text)
        .filter((file) => !isThere(file))
        .map((file) => `${page}: ${file}`),
    );
    expect(missing).toEqual([]);
  });
});
