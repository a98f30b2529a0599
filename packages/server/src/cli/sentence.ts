/** What a person is told of an error that ended a command. */
export function toSentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as Error & { code?: unknown; port?: unknown }; // set by Node on system errors
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use, perhaps by another Darkroom. Choose another one with --port or PORT.`;
    case 'EACCES':
    case 'EPERM':
      return `${error.message}. Give this user the right to do that, or choose another folder with --data-dir.`;
    case 'ENOSPC':
      return 'The disk is full. Free some space and start again.';
    default:
      return error.message;
  }
}
