/**
 * The parts of a server, and those of the commands that work without one. Commands load them only when they need them: the
 * parts of a server take three quarters of the time that it needs to start.
 */
export function loadCompose() {
  return import('../compose.ts');
}

export function loadTools() {
  return import('../compose-tools.ts');
}
