import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAnchors, withoutBlocks } from './markdown.ts';
import { readPages, root } from './pages.ts';

const pages = readPages();

/** The links and pictures of a page that point into the project. */
function readLinks(text: string): readonly string[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');
  const targets = [
    ...[...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, target = '']) => target),
    ...[...prose.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target = '']) => target),
  ];
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Why a link leads nowhere; empty when it leads somewhere. */
function judge(page: string, target: string): readonly string[] {
  const [file = '', anchor] = target.split('#');
  const place = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(root, place))) return [`${page}: ${target} is not there`];
  if (anchor === undefined || readAnchors(pages.get(place) ?? '').has(anchor)) return [];
  return [`${page}: ${target} names no heading`];
}

describe('the links', () => {
  it('are found', () => {
    expect([...pages.values()].flatMap(readLinks).length).toBeGreaterThan(50);
  });

  it('lead to pages and headings that exist', () => {
    expect([...pages].flatMap(([page, text]) => readLinks(text).flatMap((target) => judge(page, target)))).toEqual([]);
  });

  it('lead a newcomer from docs/README.md to every page of docs', () => {
    const reached = new Set(['docs/README.md']);
    for (const page of reached) {
      for (const target of readLinks(pages.get(page) ?? '')) {
        const next = path.join(path.dirname(page), target.split('#')[0] ?? '');
        if (pages.has(next) && next.startsWith('docs/')) reached.add(next);
      }
    }
    const all = [...pages.keys()].filter((page) => page.startsWith('docs/'));
    expect(all.filter((page) => !reached.has(page))).toEqual([]);
  });
});
