/** Says in a sentence what went wrong with the folder and what to do; the cause is the system's error. */
export function toDiskError(error: unknown, folder: string): Error {
  return new Error(toAdvice(error, folder), { cause: error });
}

function toAdvice(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `No space is left for the media folder ${folder}: free some, or choose a folder on a larger disk.`;
    case 'EACCES':
    case 'EPERM':
      return `The media folder ${folder} is not writable: give it to the user that runs Darkroom${currentUser()}.`;
    case 'EROFS':
      return `The media folder ${folder} is on a read-only file system: mount it writable, or choose another folder.`;
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
      return `The media folder ${folder} does not exist or is not a folder: is its volume mounted? If not, mount it or choose another folder.`;
    default:
      return `The media folder ${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function currentUser(): string {
  const uid = process.getuid?.();
  return uid === undefined ? '' : ` (uid ${uid})`;
}
