import { describe, expect, it } from 'vitest';
import { toUserDataFolder } from './data-folder.ts';

describe("the user's data folder", () => {
  it.each([
    ['linux', '/home/ada', {}, '/home/ada/.local/share/darkroom'],
    ['linux', '/home/ada', { XDG_DATA_HOME: '/data/ada' }, '/data/ada/darkroom'],
    ['linux', '/home/ada', { XDG_DATA_HOME: 'data' }, '/home/ada/.local/share/darkroom'],
    ['darwin', '/Users/ada', { XDG_DATA_HOME: '/data/ada' }, '/Users/ada/Library/Application Support/Darkroom'],
    ['win32', 'C:\\Users\\ada', { LOCALAPPDATA: 'D:\\Local' }, 'D:\\Local\\Darkroom'],
    ['win32', 'C:\\Users\\ada', {}, 'C:\\Users\\ada\\AppData\\Local\\Darkroom'],
  ] as const)('on %s with %s and %j is %s', (platform, home, env, folder) => {
    expect(toUserDataFolder({ platform, home, env })).toBe(folder);
  });
});
