/**
 * What a server is made of, loaded by the commands that need it when they do: of the 1.1 seconds that a command took to
 * start, it was 0.6.
 */
export function loadCompose() {
  return import('../compose.ts');
}
