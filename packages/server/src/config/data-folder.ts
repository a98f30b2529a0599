import path from 'node:path';

export interface UserPlace {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where programs keep the data of their user, by the platform's convention. Relative paths in the environment do not count. */
export function toUserDataFolder({ platform, home, env }: UserPlace): string {
  const join = platform === 'win32' ? path.win32.join : path.posix.join;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Darkroom');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Darkroom');
  const { XDG_DATA_HOME: named = '' } = env;
  return join(named.startsWith('/') ? named : join(home, '.local', 'share'), 'darkroom');
}
