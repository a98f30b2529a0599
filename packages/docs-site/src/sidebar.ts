import { readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

/** These sections are open on every page. The others open on their own pages. */
const openSections = 3;

/** The sidebar lists what the index page lists: its sections, and in each the pages that begin an item. */
export function readSidebar(indexPage: string): DefaultTheme.SidebarItem[] {
  const [, ...sections] = readFileSync(indexPage, 'utf8').split(/^## /m);
  return sections.map((section, position) => ({
    text: section.slice(0, section.indexOf('\n')),
    collapsed: position >= openSections,
    items: [...section.matchAll(/^- \[([^\]]+)\]\(([^)#]+)\.md\)/gm)].map(([, text = '', page = '']) => ({
      text,
      link: `/${page.replace(/README$/, '')}`,
    })),
  }));
}
