import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { defineConfig } from 'vitepress';
import { toAnchor } from '../src/anchors.ts';
import { codeColors } from '../src/code-colors.ts';
import { compressFolder } from '../src/compress-folder.ts';
import { hideComments } from '../src/hidden-comments.ts';
import { linkToIndexPages } from '../src/index-links.ts';
import { alignByClass, colorByClass } from '../src/no-style-attributes.ts';
import { copyOtherFiles } from '../src/other-files.ts';
import { ScriptFiles } from '../src/script-files.ts';
import { readSidebar } from '../src/sidebar.ts';

/** The pages are written for GitHub, too: this file says only what a site needs beyond them. */
const pages = path.resolve(import.meta.dirname, '../../../docs');
const icon = path.resolve(import.meta.dirname, '../../console/src/icon.svg');

const base = '/docs/';
const scripts = new ScriptFiles(base);

export default defineConfig({
  title: 'Darkroom',
  description: 'A self-hosted request queue that turns image requests into stored pictures.',
  base,
  srcDir: pages,
  outDir: './dist',
  cacheDir: '../../node_modules/.cache/docs-site',
  rewrites: { 'README.md': 'index.md', ':folder/README.md': ':folder/index.md' },
  cleanUrls: true,
  // The console follows the system's colours as well, and has no switch.
  appearance: 'force-auto',
  head: [['link', { rel: 'icon', href: `${base}icon.svg`, type: 'image/svg+xml' }]],
  // By default the page's element gets a style attribute, which the server's policy forbids.
  contentProps: {},
  markdown: {
    html: false,
    anchor: { slugify: toAnchor },
    theme: codeColors,
    codeTransformers: [colorByClass],
    config: (markdown) => void markdown.use(hideComments).use(linkToIndexPages).use(alignByClass),
  },
  themeConfig: {
    nav: [
      { text: 'Get started', link: '/get-started' },
      { text: 'Clients', link: '/clients/' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
    ],
    sidebar: readSidebar(path.join(pages, 'README.md')),
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    notFound: {
      title: 'There is no such page',
      quote: 'It may have moved. Search for it, or begin at the index.',
      linkText: 'All pages',
      linkLabel: 'All pages',
    },
  },
  transformHtml: (html) => scripts.takeFrom(html).replaceAll(' style="--vp-vh:0px;"', ''),
  async buildEnd({ outDir }) {
    await scripts.writeTo(outDir);
    await copyFile(icon, path.join(outDir, 'icon.svg'));
    await copyOtherFiles(pages, outDir);
    await compressFolder(outDir);
  },
});
