import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A line of a server's log at the level of a warning or above. */
export interface LoggedEvent {
  readonly event: string;
  readonly request_id?: string;
  readonly attempt?: number;
}

/** Of all servers whose logs are in the folder. */
export async function readEvents(folder: string): Promise<readonly LoggedEvent[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').flatMap(parseLine));
}

/** The id and the attempt of each request that was taken from its holder, as `id/attempt`. */
export function listRescues(events: readonly LoggedEvent[]): ReadonlySet<string> {
  return new Set(
    events
      .filter(({ event }) => event === 'request.rescued')
      .map(({ request_id, attempt }) => `${request_id}/${attempt}`),
  );
}

function parseLine(line: string): readonly LoggedEvent[] {
  if (!/^\{"level":"(?:warn|error|fatal)"/.test(line)) return [];
  try {
    return [JSON.parse(line) as LoggedEvent]; // the servers' logger writes an event on every line
  } catch {
    return []; // the last line of a server that was killed
  }
}
