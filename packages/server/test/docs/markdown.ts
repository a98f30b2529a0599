/** A fenced block of a page. */
export interface Block {
  /** The page, and the line of the fence, as editors jump to it: `docs/sdk.md:10`. */
  readonly place: string;
  readonly language: string;
  /** What follows the language, for tests only: `output`, `of="settings"`, `not-run="needs Docker"`. */
  readonly marks: ReadonlyMap<string, string>;
  readonly code: string;
}

/** Every fenced block of a page, in order. */
export function readBlocks(page: string, text: string): readonly Block[] {
  return [...text.matchAll(/^( *)```(\w*)([^\n]*)\n([\s\S]*?)^ *```$/gm)].map((match) => {
    const [, indent = '', language = '', info = '', code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    return {
      place: `${page}:${line}`,
      language,
      marks: new Map([...info.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [name, value])),
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
}

/** The page without its fenced blocks. */
export function withoutBlocks(text: string): string {
  return text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');
}

/** The anchors of a page's headings, as GitHub makes them. */
export function readAnchors(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const anchor = toAnchor(heading);
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
  return new Set(anchors);
}

/** The anchor of a heading: lower-case letters, digits and underscores, with hyphens for spaces. */
export function toAnchor(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** A table; the texts of its cells may contain anything. */
export function toTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const toLine = (cells: readonly string[]) => `| ${cells.map(toCell).join(' | ')} |`;
  return [toLine(headings), `|${' --- |'.repeat(headings.length)}`, ...rows.map(toLine)].join('\n');
}

function toCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
}

/** Joins the texts of a page with an empty line between them; leaves out empty ones. */
export function toPage(...texts: readonly string[]): string {
  return `${texts.filter((text) => text !== '').join('\n\n')}\n`;
}
