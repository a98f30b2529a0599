import type { ShikiTransformer } from 'shiki';
import type { MarkdownRenderer } from 'vitepress';

/** The server's policy forbids style attributes: a coloured word gets a class, `--code-token-keyword` becomes `code-token-keyword`. */
export const colorByClass: ShikiTransformer = {
  name: 'color-by-class',
  span(element) {
    const [, variable] = /^color:var\(--([\w-]+)\)/.exec(String(element.properties['style'])) ?? [];
    delete element.properties['style'];
    if (variable) this.addClassToHast(element, variable);
  },
  pre(element) {
    delete element.properties['style'];
  },
};

/** Cells of a column that is aligned to the right get the class `right`. */
export function alignByClass(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('align-by-class', ({ tokens }) => {
    for (const token of tokens.filter(({ type }) => type === 'th_open' || type === 'td_open')) {
      const style = token.attrGet('style');
      token.attrs = (token.attrs ?? []).filter(([name]) => name !== 'style');
      if (style?.includes('right')) token.attrJoin('class', 'right');
    }
  });
}
