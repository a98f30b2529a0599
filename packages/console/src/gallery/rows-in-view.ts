import { type RefObject, useLayoutEffect, useState } from 'react';

/** The rows of a grid that are near the view. */
interface Rows {
  readonly columns: number;
  /** From the top of one row to the top of the next, in pixels; 0 until it is measured. */
  readonly step: number;
  readonly first: number;
  /** The first row after them. */
  readonly end: number;
}

export interface ItemsInView {
  readonly first: number;
  /** The first item after those in the document. */
  readonly last: number;
  /** The space of the rows that are left out, in pixels. */
  readonly before: number;
  readonly after: number;
}

/** Which of `count` items, all of the same size, a grid that scrolls with the page has to show. */
export function useRowsInView(list: RefObject<HTMLElement | null>, count: number): ItemsInView {
  const [rows, setRows] = useState<Rows>({ columns: 1, step: 0, first: 0, end: firstLook });
  const hasItems = count > 0;
  useLayoutEffect(() => {
    const { current: grid } = list;
    if (!grid || !hasItems) return;
    const look = () => setRows((known) => keepSame(known, findRows(grid)));
    look();
    const resizes = new ResizeObserver(look);
    resizes.observe(grid);
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      resizes.disconnect();
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [list, hasItems]);

  const { columns, step } = rows;
  const all = Math.ceil(count / columns);
  // The list may now be shorter than the rows that were in view.
  const end = Math.min(rows.end, all);
  const first = Math.min(rows.first, Math.max(0, end - 1));
  return { first: first * columns, last: end * columns, before: first * step, after: (all - end) * step };
}

/** Enough to fill a page until it is measured. */
const firstLook = 24;
/** Rows are added and removed this many at a time: less often, and in one rendering. */
const rowsAtOnce = 4;

function findRows(grid: HTMLElement): Rows {
  const { gridTemplateColumns, rowGap } = getComputedStyle(grid);
  const columns = gridTemplateColumns.split(' ').length;
  const height = grid.firstElementChild?.getBoundingClientRect().height ?? 0;
  const step = height + Number.parseFloat(rowGap);
  const { top } = grid.getBoundingClientRect();
  // One view height above and below the view, so that scrolling shows no gap.
  const from = -top - window.innerHeight;
  const to = -top + 2 * window.innerHeight;
  const toRow = (pixels: number) => Math.max(0, Math.floor(pixels / step / rowsAtOnce) * rowsAtOnce);
  return { columns, step, first: toRow(from), end: toRow(to) + rowsAtOnce };
}

/** Returns the same object when nothing changed, so that nothing is rendered again. */
function keepSame(known: Rows, found: Rows): Rows {
  const isSame =
    known.columns === found.columns &&
    known.step === found.step &&
    known.first === found.first &&
    known.end === found.end;
  return isSame ? known : found;
}
