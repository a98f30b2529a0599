import type { MarkdownRenderer } from 'vitepress';

/** A comment on a line of its own is not shown. Other HTML is shown as it is written: the pages have none. */
export function hideComments(markdown: MarkdownRenderer): void {
  markdown.core.ruler.after('normalize', 'hide-comments', (state) => {
    state.src = state.src.replaceAll(/^<!--.*-->$/gm, '');
  });
}
