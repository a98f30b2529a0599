/** The name that was probably meant; `undefined` when none is similar. */
export function findNearest(given: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map((name) => ({ name, edits: countEdits(given, name) }))
    .filter(({ edits }) => edits <= Math.max(2, given.length / 5))
    .sort((a, b) => a.edits - b.edits);
  return nearest?.name;
}

/** How many letters must be inserted, removed or changed to turn one text into the other (the Levenshtein distance). */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
