/**
 * The parts of a server. Commands load them only when they need them: they took 0.6 of the 1.1 seconds that a command needed
 * to start.
 */
export function loadCompose() {
  return import('../compose.ts');
}
