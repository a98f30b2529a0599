import { RequestFailedError } from '@darkroom/client';

/** The message a person sees for an error that ended a command. */
export function toSentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof RequestFailedError)
    return `${error.record.request_id} ${error.record.status}: ${error.failure?.message ?? 'no picture was made'}`;
  const { code, port, path } = error as Error & { code?: unknown; port?: unknown; path?: unknown }; // set by Node on system errors
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use, perhaps by another Darkroom. Choose another port with --port or PORT.`;
    case 'EACCES':
    case 'EPERM':
      return `${error.message}. Give this user permission, or choose another file or folder.`;
    case 'ENOSPC':
      return 'The disk is full. Free some space and start again.';
    case 'ENOENT':
      return path === undefined ? error.message : `There is no file or folder ${path}.`;
    case 'EISDIR':
      return `${path ?? 'The given path'} is a folder; a file was expected.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path ?? 'The given path'} cannot be a folder: it, or a folder above it, is an existing file.`;
    default:
      return error.message;
  }
}
