import path from 'node:path';
import { askForShared, isSharing } from './ask-for-shared.ts';

/** The programs that tests start as processes, by name. */
export const sourcePrograms = {
  darkroom: path.resolve(import.meta.dirname, '../../bin/darkroom.js'),
  'chaos-server': path.resolve(import.meta.dirname, '../chaos/server-process.ts'),
  'store-until-killed': path.resolve(import.meta.dirname, '../store-until-killed.ts'),
  'submit-until-killed': path.resolve(import.meta.dirname, '../store/submit-until-killed.ts'),
} as const;

/** The file of a program: built, in a run of tests, and otherwise its source. */
export async function findProgram(name: keyof typeof sourcePrograms): Promise<string> {
  return isSharing ? path.join(await askForShared('programs'), `${name}.js`) : sourcePrograms[name];
}
