import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../../..');

/** Every page of the project, by its path from the root. */
export function readPages(): ReadonlyMap<string, string> {
  const documents = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const pages = ['README.md', 'CHANGELOG.md', ...documents.map((file) => path.join('docs', file))];
  return new Map(
    pages.filter((page) => page.endsWith('.md')).map((page) => [page, readFileSync(path.join(root, page), 'utf8')]),
  );
}
