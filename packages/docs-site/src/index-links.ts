import type { MarkdownRenderer } from 'vitepress';

/** On GitHub the index page of a folder is its README, on the site `index`: links follow. */
export function linkToIndexPages(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('link-to-index-pages', ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href && !/^[a-z]+:/.test(href)) token.attrSet('href', href.replace(/(^|\/)README\.md(?=#|$)/, '$1index.md'));
    }
  });
}
