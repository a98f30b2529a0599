/** There is one event loop a process, hence one line of those who wait for it. */
const waiting: (() => void)[] = [];

/**
 * Resolves in a turn of the event loop in which nobody else is let through. Work that takes milliseconds asks for it before
 * each piece, so that many such works side by side hold up nobody else for longer than one piece.
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
