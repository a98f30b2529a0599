import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A line of a server's log at the level of a warning or above. */
export interface LoggedEvent {
  readonly event: string;
}

/** Reads the logs of all servers in the folder. */
export async function readEvents(folder: string): Promise<readonly LoggedEvent[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').flatMap(parseLine));
}

function parseLine(line: string): readonly LoggedEvent[] {
  if (!/^\{"level":"(?:warn|error|fatal)"/.test(line)) return [];
  try {
    return [JSON.parse(line) as LoggedEvent]; // the servers' logger writes an event on every line
  } catch {
    return []; // the last line of a server that was killed
  }
}
