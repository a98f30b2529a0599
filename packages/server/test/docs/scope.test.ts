import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPages, root } from './pages.ts';

/** The scope of the packages on the registry is one setting: `publishScope` in the root's `package.json`. */
const { publishScope } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

describe('the pages', () => {
  it('name the packages with the scope that they are published with', () => {
    const names = /@[\w-]+\/(?:protocol|client|sandbox|server)\b/g;
    const others = [...readPages()].flatMap(([page, text]) =>
      [...text.matchAll(names)]
        .filter(([name]) => isOurs(name) && !name.startsWith(`${publishScope}/`))
        .map(([name]) => `${page}: ${name}`),
    );
    expect(others).toEqual([]);
  });
});

/** Others have packages of these names, too, e.g. `@modelcontextprotocol/server`. */
function isOurs(name: string): boolean {
  return !['@modelcontextprotocol', '@fal-ai'].includes(name.split('/')[0] ?? '');
}
