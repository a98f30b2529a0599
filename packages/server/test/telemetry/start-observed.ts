import { Writable } from 'node:stream';
import { pino } from 'pino';
import { composeServer } from '../../src/compose.ts';
import { loadConfig, type SettingValues } from '../../src/config/load-config.ts';
import { drawPlain } from '../draw-plain.ts';

/** A server in this process whose log is kept, down to its lowest level. */
export async function startObserved(folder: string, flags: SettingValues) {
  const config = loadConfig({ env: {}, flags: { PORT: '0', DARKROOM_API_KEY: key, ...flags }, folder });
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const server = await composeServer(config, pino({ level: 'trace' }, destination), { illustrate: drawPlain });
  await server.start();
  return {
    server,
    lines,
    call: (path: string, init: RequestInit = {}, as = key) =>
      fetch(`${server.url}${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${as}`,
          ...(init.body && { 'content-type': 'application/json' }),
          ...init.headers,
        },
      }),
    events: (name: string) =>
      lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === name),
  };
}

export type Observed = Awaited<ReturnType<typeof startObserved>>;

export const key = 'an-admin-key-of-the-tests';
const model = 'gemini-3-pro-image-preview';

/** Submits a request and resolves to its id. */
export async function submit(observed: Observed, body: object = {}, headers: Record<string, string> = {}) {
  const payload = { prompt: 'a red square', image_size: '1K', aspect_ratio: '1:1' };
  const response = await observed.call('/api/v1/ie/requestqueue/apikey/requests', {
    method: 'POST',
    headers,
    body: JSON.stringify({ model, payload, ...body }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { request_id: id } = (await response.json()) as { readonly request_id: string };
  return id;
}

/** Resolves to the record at its end. */
export async function waitForEnd(observed: Observed, id: string): Promise<{ readonly status: string }> {
  const response = await observed.call(`/api/v1/ie/requestqueue/apikey/requests/${id}`, {
    headers: { prefer: 'wait=60' },
  });
  return (await response.json()) as { readonly status: string };
}
