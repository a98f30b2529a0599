import module from 'node:module';
import path from 'node:path';
import type { Command } from 'commander';
import type { Server } from '../compose.ts';
import { describeDuration } from '../config/durations.ts';
import type { Config } from '../config/load-config.ts';
import type { Retention } from '../core/retention.ts';
import { housePrefix } from '../http/prefixes.ts';
import { readFirstKey } from '../keys/api-keys.ts';
import { systemClock } from '../platform/clock.ts';
import { commandWords } from '../platform/installation.ts';
import { version } from '../platform/version.ts';
import { holdYoungGeneration } from '../platform/young-generation.ts';
import { loadCompose } from './load-compose.ts';
import { byCommand } from './note-command.ts';
import { endPrivacy } from './private-server.ts';
import { removeServerFile, writeServerFile } from './server-file.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { toShownPath } from './shown-path.ts';

export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .description(
      'Run Darkroom: the API, the worker and, without a Google key, the sandbox. With --role, run only one part.',
    );
  command.option(
    '--hold',
    'Pause all upstreams before anything is claimed, as after a restore; darkroom resume upstream NAME ends that.',
  );
  addSettings(command).action(({ hold = false }: { readonly hold?: boolean }) =>
    serve(loadCommandConfig(command), { isHeld: hold }),
  );
}

async function serve(config: Config, { isHeld }: { readonly isHeld: boolean }): Promise<void> {
  const { composeServer, createLogger } = await loadCompose();
  const server = await composeServer(config, createLogger(config.logLevel));
  await endPrivacy(config);
  if (isHeld) await server.hold(byCommand('serve --hold'));
  const announced = announce(server, config);
  const stopped = stopOnSignal(announced, config);
  await announced.start();
  process.stdout.write(config.role === 'worker' ? toWorkerBanner(config, server.url) : await toBanner(config, server));
  if (isHeld) process.stdout.write(toHeldLines(config));
  // Now, because a process that is killed would not keep what it has compiled.
  module.flushCompileCache();
  holdYoungGeneration();
  await stopped;
}

/** Writes a file to the data folder while the server answers, so commands can find it. A worker does not answer commands. */
function announce(server: Server, { dataDir, role }: Config): Pick<Server, 'start' | 'stop' | 'handBack'> {
  const { pid } = process;
  if (role === 'worker') return server;
  return {
    start: async () => {
      await server.start();
      await writeServerFile(dataDir, { url: server.url, pid });
    },
    stop: async () => {
      await removeServerFile(dataDir, { pid });
      await server.stop();
    },
    handBack: () => server.handBack(),
  };
}

/** Signals within this time count as one: npm passes on the signal that the terminal already sent to the server. */
const togetherMs = 1_000;

/** The first signal drains. A later signal returns the requests that are still under way to the queue at once. */
function stopOnSignal(server: Pick<Server, 'stop' | 'handBack'>, config: Config): Promise<void> {
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
        `\n  Stopping: waiting up to ${config.drainMs / 1_000} s for the pictures under way. Press again to stop at once; nothing is lost.\n`,
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
  Kept       ${toKept(config)}

`;
}

async function toBanner(config: Config, server: Server): Promise<string> {
  const { firstKey } = server;
  const hasKeyFile = config.apiKey === undefined && (await readFirstKey(config.dataDir)) !== undefined;
  const address = config.publicUrl ?? server.url;
  const isTold = config.role === 'all' && (hasKeyFile || process.stdout.isTTY);
  const keyFile = toShownPath(path.join(config.dataDir, 'api-key'));
  const key = firstKey ?? (hasKeyFile ? `$(cat '${keyFile}')` : 'YOUR_API_KEY');
  return `
  Darkroom ${version}
${isTold ? toSignInLines(address, server.issueSignInCode()) : ''}
  Address    ${address}
  Docs       ${address}/docs
  API key    ${toKeyLine(config, { firstKey, keyFile: hasKeyFile ? keyFile : undefined })}
  Data       ${toData(config)}
  Pictures   ${toPictures(config)}
  Kept       ${toKept(config)}

  Submit a request:

curl -X POST "${address}${housePrefix}/requests" \\
  -H "Authorization: Bearer ${key}" \\
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

curl "${address}${housePrefix}/requests/REQUEST_ID" -H "Authorization: Bearer ${key}"

  Or in one step:  ${commandWords} generate "A lighthouse by the sea at sunset"

`;
}

/** Shows the key itself only when it was just made: the output of a server is often kept in logs. */
function toKeyLine(
  { apiKey }: Config,
  { firstKey, keyFile }: { readonly firstKey: string | undefined; readonly keyFile: string | undefined },
): string {
  if (firstKey !== undefined) return `${firstKey}   (shown only once; it is kept in ${keyFile})`;
  if (apiKey !== undefined) return 'the one in DARKROOM_API_KEY';
  const fresh = `a new one: ${commandWords} keys create --admin`;
  return keyFile === undefined ? `one of yours, or ${fresh}` : `the one in ${keyFile}, or ${fresh}`;
}

/** Shown on a terminal, or where the first key is in the data folder anyway: kept output must not give access. */
function toSignInLines(address: string, code: string): string {
  return `
  Open       ${address}/#sign-in=${code}
             This link signs you in to the console. It works once, within an hour.
`;
}

function toHeldLines({ upstreams }: Config): string {
  const commands = upstreams.map(({ name }) => `${commandWords} resume upstream ${name}`);
  return `  Nothing is made until you resume it:\n\n${commands.map((command) => `${command}\n`).join('')}\n`;
}

/** Never shows the address of the database or the bucket: it may contain more than a terminal should keep. */
function toData({ dataDir, databaseUrl, storage }: Config): string {
  const places = [
    ...(databaseUrl === undefined ? [] : ['PostgreSQL']),
    ...(storage.kind === 'disk' ? [] : [storage.kind === 's3' ? 'S3' : 'Google Cloud Storage']),
  ];
  return [...places, toShownPath(dataDir)].join(', ');
}

/** How long ended requests stay. */
function toKept({ retain, retainPictures }: Config): string {
  const toTime = (rules: Retention) => {
    const keptMs = rules.find(
      ({ organizationId, status }) => organizationId === undefined && status === undefined,
    )?.keptMs;
    const others = rules.length > Number(keptMs !== undefined) ? ', some shorter or longer' : '';
    return `${keptMs === undefined ? 'for ever' : `for ${describeDuration(keptMs)}`}${others}`;
  };
  const pictures = retainPictures.length === 0 ? '' : `; their pictures ${toTime(retainPictures)}`;
  const hint = retain.length === 0 ? '. DARKROOM_RETAIN=30d would delete them after 30 days' : '';
  return `ended requests ${toTime(retain)}${pictures}${hint}`;
}

function toPictures({ upstreams, role }: Config): string {
  if (role === 'api') return 'made by the workers: start one with --role worker';
  const names = upstreams.flatMap(({ kind, name }) => (kind === 'account' ? name : []));
  if (names.length === 0)
    return 'drawn by the sandbox, because no Google key is set. With GEMINI_API_KEY they come from Google.';
  return names.length === 1 ? 'Google AI Studio' : `Google AI Studio, with ${names.length} keys: ${names.join(', ')}`;
}
