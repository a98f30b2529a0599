import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPages, root } from './pages.ts';

/** The site as it was built by `npm ci` or `npm run build`. */
const site = path.join(root, 'packages/docs-site/dist');
const pages = new Map(
  globSync('**/*.html', { cwd: site }).map((file) => [file, readFileSync(path.join(site, file), 'utf8')]),
);

/** The address of a page, by the rule of the server (`routes/docs-site.ts`). */
function toAddress(page: string): string {
  return `/docs/${page.replace(/(^|\/)index\.html$|\.html$/, '$1')}`;
}

const pageAt = new Map([...pages.keys()].map((page) => [toAddress(page), page]));

/** The page or other file at an address. */
function findFile(address: string): string | undefined {
  const file = pageAt.get(address) ?? address.replace('/docs/', '');
  return existsSync(path.join(site, file)) ? file : undefined;
}

function readIds(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id));
}

/** The addresses of this server that a page names; those of the API reference and the console belong to others. */
function readAddresses(html: string): readonly string[] {
  const all = [...html.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, address = '']) =>
    address.replaceAll('&amp;', '&'),
  );
  return all.filter((address) => !/^[a-z]+:/.test(address) && address !== '/' && address !== '/docs/api');
}

/** Why an address leads nowhere; empty when it leads somewhere. */
function judge(page: string, address: string): readonly string[] {
  const { pathname, hash } = new URL(address, `http://site${toAddress(page)}`);
  const file = findFile(pathname);
  if (file === undefined) return [`${page}: ${address} is not there`];
  if (hash === '' || readIds(pages.get(file) ?? '').has(decodeURIComponent(hash.slice(1)))) return [];
  return [`${page}: ${address} names no heading`];
}

describe('the built documentation', () => {
  it('has every page: after a new one, run `npm run build -w @darkroom/docs-site`', () => {
    const sources = [...readPages().keys()].filter((page) => page.startsWith('docs/'));
    const expected = sources.map((page) => page.slice('docs/'.length).replace(/README\.md$/, 'index.md'));
    expect([...pages.keys()].toSorted()).toEqual(
      [...expected.map((page) => page.replace(/md$/, 'html')), '404.html'].toSorted(),
    );
  });

  it('has links that lead to pages, files and headings that exist', () => {
    expect(
      [...pages].flatMap(([page, html]) => readAddresses(html).flatMap((address) => judge(page, address))),
    ).toEqual([]);
  });

  it('has no script and no style that the policy of the server would refuse, and loads nothing from other hosts', () => {
    for (const [page, html] of pages) {
      expect(html, page).not.toMatch(
        / style="|<style|<script(?![^>]* src=)|<script[^>]*>[^<]|(?:src|<link[^>]*href)="(?:https?:)?\/\//,
      );
    }
  });

  it('lists every page but the decisions in its sidebar', () => {
    const index = pages.get('index.html') ?? '';
    const listed = new Set(
      [...index.matchAll(/VPSidebarItem.*?href="([^"#]+)"/g)].map(([, address = '']) =>
        findFile(new URL(address, 'http://site/docs/').pathname),
      ),
    );
    const all = [...pages.keys()].filter((page) => !/^(404|index|decisions\/\d.*)\.html$/.test(page));
    expect(all.filter((page) => !listed.has(page))).toEqual([]);
  });
});
