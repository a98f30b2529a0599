/** Each process has one event loop, so there is one queue of tasks that wait for a turn. */
const waiting: (() => void)[] = [];

/**
 * Resolves in a turn of the event loop that no other caller gets. Work that takes milliseconds awaits it before each piece.
 * So even many such tasks at once block everything else for no longer than one piece.
 */
export function takeTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(letThrough);
  });
}

function letThrough(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(letThrough);
}
