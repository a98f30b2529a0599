import path from 'node:path';
import type { Command } from 'commander';
import type { Server } from '../compose.ts';
import type { Config } from '../config/load-config.ts';
import { wirePrefix } from '../http/prefixes.ts';
import { readFirstKey } from '../keys/api-keys.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import { version } from '../platform/version.ts';
import { loadCompose } from './load-compose.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .description(
      'Run Darkroom, or the part of it that --role names: API, worker and, without a Google key, the sandbox.',
    );
  addSettings(command).action(() => serve(loadCommandConfig(command)));
}

async function serve(config: Config): Promise<void> {
  const { composeServer } = await loadCompose();
  const server = await composeServer(config, createLogger(config.logLevel));
  const stopped = stopOnSignal(server, config);
  await server.start();
  process.stdout.write(config.role === 'worker' ? toWorkerBanner(config, server.url) : await toBanner(config, server));
  await stopped;
}

/** Signals that come together are one: npm passes on what the terminal has sent to the server already. */
const togetherMs = 1_000;

/** The first signal drains; a later one gives back at once what is still under way. */
function stopOnSignal(server: Server, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    let stoppingSince: number | undefined;
    const onSignal = () => {
      const now = systemClock.now();
      if (stoppingSince !== undefined) {
        if (now - stoppingSince > togetherMs) server.handBack();
        return;
      }
      stoppingSince = now;
      process.stdout.write(
        `\n  Stopping: waiting up to ${config.drainMs / 1_000} s for the pictures under way. Once more to stop at once; nothing is lost.\n`,
      );
      server.stop().then(resolve, reject);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  });
}

function toWorkerBanner(config: Config, url: string): string {
  return `
  Darkroom ${version}: a worker

  Health     ${url}/readyz
  Data       ${toData(config)}
  Pictures   ${toPictures(config)}

`;
}

async function toBanner(config: Config, server: Server): Promise<string> {
  const key = config.apiKey === undefined ? await readFirstKey(config.dataDir) : undefined;
  const address = config.publicUrl ?? server.url;
  const isTold = config.role === 'all' && (key !== undefined || process.stdout.isTTY);
  const shownKey =
    key ??
    (config.apiKey === undefined
      ? 'one of yours, or a new one: npx darkroom keys create'
      : 'the one in DARKROOM_API_KEY');
  return `
  Darkroom ${version}
${isTold ? toSignInLines(address, server.issueSignInCode()) : ''}
  Address    ${address}
  Reference  ${address}/docs
  API key    ${shownKey}
  Data       ${toData(config)}
  Pictures   ${toPictures(config)}

  Submit a request:

curl -X POST "${address}${wirePrefix}/requests" \\
  -H "Authorization: Bearer ${key ?? 'YOUR_API_KEY'}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "gemini-3-pro-image-preview",
    "payload": {
      "prompt": "A panda making latte art in a cozy cafe",
      "image_size": "1K",
      "aspect_ratio": "1:1"
    }
  }'

  and read it, with the request_id of the answer, until its status is success:

curl "${address}${wirePrefix}/requests/REQUEST_ID" -H "Authorization: Bearer ${key ?? 'YOUR_API_KEY'}"

  Or in one step:  npx darkroom generate "A lighthouse by the sea at sunset"

`;
}

/** For a terminal, or beside the first key: whoever keeps what is printed elsewhere should keep no way in. */
function toSignInLines(address: string, code: string): string {
  return `
  Open       ${address}/#sign-in=${code}
             It signs you in to the console: once, within an hour.
`;
}

/** Never the address of the database or the bucket: they may say more than a terminal should keep. */
function toData({ dataDir, databaseUrl, storage }: Config): string {
  const places = [
    ...(databaseUrl === undefined ? [] : ['PostgreSQL']),
    ...(storage.kind === 'disk' ? [] : [storage.kind === 's3' ? 'S3' : 'Google Cloud Storage']),
  ];
  return [...places, path.relative('', dataDir) || '.'].join(', ');
}

function toPictures({ upstreams, role }: Config): string {
  if (role === 'api') return 'the workers make them: start one with --role worker';
  const names = upstreams.flatMap(({ kind, name }) => (kind === 'google' ? name : []));
  if (names.length === 0)
    return 'the sandbox draws them: no Google key is set. With GEMINI_API_KEY they come from Google.';
  return names.length === 1 ? 'Google AI Studio' : `Google AI Studio, by ${names.length} keys: ${names.join(', ')}`;
}
