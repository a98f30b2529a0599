import { describe, expect, it } from 'vitest';
import { isCheckedData } from './block-checks.ts';
import { type Block, readBlocks } from './markdown.ts';
import { PageWalk } from './page-walk.ts';
import { readPages } from './pages.ts';
import { runSql } from './run-sql.ts';

/**
 * Every fenced block of every page is run as it is, compared with the output of the block before (`output`), checked as
 * data (`of="…"`), or says why it is not (`not-run="…"`).
 */

const pages = [...readPages()]
  .map(([page, text]) => ({ page, text, blocks: readBlocks(page, text) }))
  .filter(({ text }) => text.includes('```'));

/** Runs the blocks one after the other; names the line of the first that does not match its page. */
async function walk(blocks: readonly Block[], signal: AbortSignal): Promise<void> {
  let reader: PageWalk | undefined;
  const take = async (block: Block) => {
    if (block.marks.has('not-run') || isCheckedData(block)) return;
    if (block.language === 'sql') return runSql(block.code);
    reader ??= await PageWalk.begin(signal);
    await reader.take(block);
  };
  try {
    for (const block of blocks) {
      await take(block).catch((error: unknown) => {
        throw new Error(`${block.place}: ${error instanceof Error ? error.message : error}`);
      });
    }
  } finally {
    await reader?.end();
  }
}

describe('the pages', () => {
  it.concurrent.for(pages)('what $page shows is so', { timeout: 180_000 }, ({ blocks }, { signal }) =>
    walk(blocks, signal),
  );

  it('have no block that is skipped or left out without a reason', () => {
    const fences = pages.map(({ page, text }) => `${page} ${(text.match(/^ *```/gm)?.length ?? 0) / 2}`);
    expect(pages.map(({ page, blocks }) => `${page} ${blocks.length}`)).toEqual(fences);
    const reasons = pages.flatMap(({ blocks }) => blocks.flatMap(({ marks }) => marks.get('not-run') ?? []));
    expect(reasons.filter((reason) => reason.length < 10)).toEqual([]);
  });
});
