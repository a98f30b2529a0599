import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The arrows of the architecture page, read off the import lines. Tests may import what they like; a file that nobody
 * may import by these rules is imported by `compose.ts` or a file of its folder, `compose/`.
 */

const root = path.resolve(import.meta.dirname, '../../..');
const source = path.join(root, 'packages/server/src');

interface Import {
  /** Relative to the root of the sources. */
  readonly from: string;
  readonly to: string;
}

function listFiles(folder: string, extension = /\.tsx?$/): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => extension.test(file) && !file.includes('node_modules') && !file.startsWith('dist'))
    .map((file) => path.join(folder, file));
}

const isTest = (file: string) => /\.(test|contract)\.tsx?$|\/contract\//.test(file);

function readImports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const serverFiles = listFiles(source).filter((file) => !isTest(file));

const serverImports: readonly Import[] = serverFiles.flatMap((file) =>
  readImports(file)
    .filter((target) => /^\.+\/.*\.ts$/.test(target))
    .map((target) => ({
      from: path.relative(source, file),
      to: path.relative(source, path.resolve(path.dirname(file), target)),
    })),
);

const room = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : file);

/** What a room may import besides itself. A room that is not listed may not exist. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: ['platform'],
  platform: [],
  outbound: ['platform'],
  config: ['core', 'platform'],
  store: ['core', 'platform'],
  models: ['core'],
  providers: ['core', 'models', 'platform', 'outbound'],
  media: ['core', 'platform', 'outbound'],
  recovery: ['core', 'platform', 'media'],
  events: ['core', 'platform', 'store', 'outbound'],
  moderation: ['core', 'platform', 'outbound', 'events'],
  keys: ['core', 'platform', 'store'],
  people: ['core', 'platform', 'store', 'keys', 'outbound'],
  upkeep: ['core', 'platform', 'store', 'media'],
  telemetry: ['core', 'platform', 'store'],
  worker: ['core', 'models', 'platform', 'store', 'providers', 'media', 'events', 'recovery'],
  intake: ['core', 'models', 'platform', 'store', 'media', 'events', 'recovery', 'outbound'],
  http: ['core', 'platform', 'store', 'keys', 'people', 'media'],
  wires: ['core', 'models', 'platform', 'store', 'media', 'events', 'http', 'intake', 'outbound'],
  admin: ['core', 'models', 'platform', 'store', 'keys', 'http', 'intake'],
  cli: ['core', 'platform', 'config', 'keys', 'store', 'media', 'http', 'compose.ts', 'compose-tools.ts'],
  'compose.ts': ['core', 'platform', 'config', 'keys', 'store', 'compose'],
  'compose-tools.ts': ['platform', 'compose'],
  compose: [
    'core',
    'models',
    'platform',
    'config',
    'store',
    'keys',
    'providers',
    'media',
    'events',
    'outbound',
    'moderation',
    'people',
    'recovery',
    'upkeep',
    'telemetry',
    'worker',
    'intake',
    'http',
    'wires',
    'admin',
  ],
};

/** Interfaces may be imported everywhere; their own imports are checked like all others. */
const interfaces = new Set([
  'store/request-store.ts',
  'store/key-store.ts',
  'store/organization-store.ts',
  'store/upload-store.ts',
  'store/removal-store.ts',
  'providers/image-model.ts',
  'media/storage-driver.ts',
  'media/conversation/turn-resolver.ts',
  'moderation/moderation.ts',
]);

function broken(isBroken: (one: Import) => boolean): string[] {
  return serverImports.filter(isBroken).map(({ from, to }) => `${from} imports ${to}`);
}

/** The imports of a package's sources, tests apart, that lead out of it and that the rule forbids. */
function findForeign(name: string, isForbidden: (target: string) => boolean): string[] {
  return listFiles(path.join(root, 'packages', name, 'src'))
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      readImports(file)
        .filter((target) => !target.startsWith('.') && isForbidden(target))
        .map((target) => `${path.relative(root, file)} imports ${target}`),
    );
}

describe('the import rules', () => {
  it('reads the imports that it checks', () => {
    expect(serverImports.length).toBeGreaterThan(100);
    expect(serverImports).toContainEqual({ from: 'worker/worker.ts', to: 'worker/claimer.ts' });
  });

  it('a room imports only the rooms that its arrows lead to, and interfaces', () => {
    const isAllowed = ({ from, to }: Import) => interfaces.has(to) || (arrows[room(from)] ?? []).includes(room(to));
    expect(broken((one) => room(one.from) !== room(one.to) && !isAllowed(one))).toEqual([]);
  });

  it('those who answer callers and the worker never import each other', () => {
    const answering = ['intake', 'http', 'wires', 'admin'];
    const pairs = new Set(answering.flatMap((one) => [`${one} worker`, `worker ${one}`]));
    expect(broken(({ from, to }) => pairs.has(`${room(from)} ${room(to)}`))).toEqual([]);
  });

  it('no wire imports another, and no provider another', () => {
    const plug = (file: string) => /^((?:wires|providers)\/[^/]+)\//.exec(file)?.[1];
    expect(broken(({ from, to }) => plug(from) !== undefined && ![undefined, plug(from)].includes(plug(to)))).toEqual(
      [],
    );
  });

  it('only the folder of a vendor names it', () => {
    const rooms = [
      'core',
      'models',
      'media',
      'worker',
      'recovery',
      'store',
      'events',
      'moderation',
      'upkeep',
      'intake',
      'http',
      'admin',
    ];
    // Objects of Google's cloud storage are a place of pictures, not a vendor of models.
    const storage = /media\/(drivers\/gcs|references\/gs-uri)/;
    const vendor = /google|gemini|banana|openai|vertex|imagen/i;
    // What every vendor shares is at the top of providers.
    const isShared = (file: string) => rooms.includes(room(file)) || /^providers\/[^/]+$/.test(file);
    const found = serverFiles
      .filter((file) => isShared(path.relative(source, file)) && !storage.test(file))
      .filter((file) => vendor.test(readFileSync(file, 'utf8')));
    expect(found).toEqual([]);
  });

  it('the use cases know no HTTP', () => {
    const packages = ['fastify', 'node:http', '../platform/node-http.ts', 'node:https', 'undici'];
    const found = serverFiles
      .filter((file) => ['core', 'intake'].includes(room(path.relative(source, file))))
      .filter((file) => readImports(file).some((target) => packages.includes(target)));
    expect(found).toEqual([]);
  });

  it('only compose imports what can be exchanged: stores, providers, wires, drivers', () => {
    const adapter = (file: string) =>
      /^(store\/(sqlite|postgres)|(providers|wires)\/[^/]+|media\/drivers)\//.exec(file)?.[1];
    expect(
      broken(({ from, to }) => adapter(to) !== undefined && room(from) !== 'compose' && adapter(from) !== adapter(to)),
    ).toEqual([]);
  });

  it('an interface never imports its implementations', () => {
    expect(broken(({ from, to }) => interfaces.has(from) && room(from) === room(to))).toEqual([]);
  });

  it('core imports only types of platform', () => {
    const lines = serverFiles
      .filter((file) => room(path.relative(source, file)) === 'core')
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => /^import (?!type ).*platform\//.test(line)),
      );
    expect(lines).toEqual([]);
  });

  it('only platform touches time and chance, and only config and the command line read the environment', () => {
    const rules = [
      {
        name: 'time and chance',
        pattern:
          /\bDate\.now\(|\bMath\.random\(|(?<![.\w])setTimeout\(|(?<![.\w])setInterval\(|\brandomBytes\(|\brandomUUID\(/,
        rooms: ['platform'],
      },
      { name: 'environment', pattern: /\bprocess\.env\b/, rooms: ['config', 'cli'] },
    ];
    const found = serverFiles.flatMap((file) => {
      const from = path.relative(source, file);
      const text = readFileSync(file, 'utf8');
      return rules
        .filter((rule) => !rule.rooms.includes(room(from)) && rule.pattern.test(text))
        .map((rule) => `${from}: ${rule.name}`);
    });
    expect(found).toEqual([]);
  });

  it('packages import in one direction', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      protocol: ['zod'],
      // The types of the AI SDK are for `ai.ts` and Node's modules for `node.ts`; both are separate entry points of the package.
      client: ['@ai-sdk/provider', 'node:fs', 'node:http', 'node:stream/promises'],
      console: [
        '@darkroom/client',
        '@darkroom/protocol',
        'react',
        'react-dom/client',
        '@tanstack/react-query',
        '@tanstack/react-router',
      ],
    };
    /** Of the packages that run on Node, which may import its modules and libraries, only their relatives are limited. */
    const relatives: Readonly<Record<string, readonly string[]>> = {
      'json-stream': [],
      illustrator: [],
      sandbox: ['@darkroom/illustrator', '@darkroom/illustrator/take', '@darkroom/json-stream', '@darkroom/protocol'],
      server: [
        '@darkroom/client',
        '@darkroom/client/node',
        '@darkroom/json-stream',
        '@darkroom/protocol',
        '@darkroom/protocol/audit-actions',
        '@darkroom/protocol/pixels',
        '@darkroom/protocol/service-tiers',
        '@darkroom/protocol/statuses',
        '@darkroom/sandbox',
      ],
    };
    const wrong = [
      ...Object.entries(allowed).flatMap(([name, packages]) =>
        findForeign(name, (target) => !packages.includes(target)),
      ),
      ...Object.entries(relatives).flatMap(([name, packages]) =>
        findForeign(name, (target) => target.startsWith('@darkroom/') && !packages.includes(target)),
      ),
    ];
    expect(wrong).toEqual([]);
  });
});
