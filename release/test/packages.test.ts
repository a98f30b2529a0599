import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EdgeVM } from '@edge-runtime/vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lint } from '../lint.ts';
import { type Packed, packAll } from '../pack.ts';
import { publishedPackages, root } from '../published.ts';
import { EmptyProject, installOlderNodes, type RunningProgram } from './empty-project.ts';

/**
 * The packages as other people get them: packed, installed from their tarballs in empty projects, and run there against a
 * server that `npx` has started. The sources of the repository are not used.
 */

const bins = path.join(root, 'node_modules/.bin');
/** `--offline` of npx would not do: a version that was released today is not among the downloads. */
const npx = (packed: Packed, ...words: readonly string[]) => ['--yes', `file:${packed.tarball}`, ...words];

let packages: readonly Packed[];
let project: EmptyProject;
let server: RunningProgram;
let sandbox: RunningProgram;
let nodes: ReadonlyMap<number, string>;
let url: string;
let apiKey: string;

function get(name: string): Packed {
  const found = packages.find(({ published }) => published.name === name);
  if (!found) throw new Error(`There is no package ${name}.`);
  return found;
}

beforeAll(async () => {
  project = await EmptyProject.create();
  [packages, nodes] = await Promise.all([packAll(), installOlderNodes()]);
  const libraries = packages.filter(({ published }) => published.name !== 'server').map(({ tarball }) => tarball);
  await project.copyPrograms();
  [server] = await Promise.all([
    project.start('npx', npx(get('server'), '--port', '0'), /generate "A lighthouse/),
    // The types of the AI SDK use those of `json-schema` without depending on them.
    project.install(...libraries, '@types/node@24', '@ai-sdk/provider@4', '@types/json-schema@7'),
  ]);
  sandbox = await project.start('npx', npx(get('sandbox'), '--port', '0'), /Press Ctrl/);
  url = /Address +(\S+)/.exec(server.output())?.[1] ?? '';
  apiKey = /API key +(\S+)/.exec(server.output())?.[1] ?? '';
});

afterAll(async () => {
  await Promise.all([server?.stop(), sandbox?.stop()]);
  await project?.remove();
});

describe('the packed packages', () => {
  it.concurrent.for(publishedPackages)('publint and Are The Types Wrong find nothing in $name', async ({ name }) => {
    await lint(get(name));
  });

  it('have no tests, no sources and no path of this machine in them', async () => {
    for (const { name } of publishedPackages) {
      const folder = path.join(root, 'dist', name);
      const files = await readdir(folder, { recursive: true });
      expect(files.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
      expect(files).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json']));
      for (const file of files.filter((one) => /\.(?:[cm]?js|map|ts|json)$/.test(one)))
        expect((await readFile(path.join(folder, file), 'utf8')).includes(root), file).toBe(false);
    }
  });

  it('of the client need nothing else, and no zod', async () => {
    const folder = path.join(root, 'dist/client');
    const { dependencies } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    expect(dependencies).toEqual({});
    const files = (await readdir(folder, { recursive: true })).filter((file) => /\.([cm]?js|d\.[cm]?ts)$/.test(file));
    for (const file of files) expect(await readFile(path.join(folder, file), 'utf8')).not.toMatch(/\bzod\b/i);
  });
});

describe('npx of the server', () => {
  it('prints the first link, the first key and the data folder in the home of the user', async () => {
    expect(server.output()).toMatch(/Open +http:\S+#sign-in=/);
    const data = path.join(project.home, '.local/share/darkroom');
    expect(server.output()).toContain(`Data       ${data}\n`);
    expect((await readFile(path.join(data, 'api-key'), 'utf8')).trim()).toBe(apiKey);
    expect(existsSync(path.join(project.folder, '.darkroom'))).toBe(false);
  });

  it('makes a first picture from another terminal, which needs no address and no key', async () => {
    const printed = await project.run('npx', npx(get('server'), 'generate', 'A panda', '--output', 'pandas'));
    const bytes = await readFile(path.join(project.folder, printed.trim()));
    expect([...bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  });

  it.for(['/', '/docs'])('serves the page %s and its scripts', async (page) => {
    const response = await fetch(url + page);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    const scripts = [...(await response.text()).matchAll(/src="(\/[^"]+\.js)"/g)].map(([, script]) => url + script);
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect((await fetch(script)).status, script).toBe(200);
  });

  it('serves the OpenAPI document', async () => {
    expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
  });
});

describe('npx of the sandbox', () => {
  it('draws a picture for a client of the Gemini API', async () => {
    const address = /http:\/\/\S+/.exec(sandbox.output())?.[0] ?? '';
    const call = `${address}/v1beta/models/gemini-3-pro-image:generateContent`;
    const body = JSON.stringify({
      contents: [{ role: 'user', parts: [{ text: 'A fox' }] }],
      generationConfig: { responseModalities: ['IMAGE'] },
    });
    const headers = { 'x-goog-api-key': 'any', 'content-type': 'application/json' };
    const response = await fetch(call, { method: 'POST', headers, body });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('inlineData')]);
  });
});

describe('the client and the protocol', () => {
  const majors = [20, 22, 24] as const;

  it.concurrent.for(majors.flatMap((major) => [[major, 'mjs'] as const, [major, 'cjs'] as const]))(
    'make a picture on Node %i (%s)',
    async ([major, kind]) => {
      const node = major === 24 ? process.execPath : nodes.get(major);
      if (node === undefined) throw new Error(`There is no Node ${major} for this platform.`);
      expect(await project.run(node, ['--version'])).toMatch(new RegExp(`^v${major}\\.`));
      const printed = await project.run(node, [`make-picture.${kind}`, url, apiKey, project.folder]);
      expect(JSON.parse(printed)).toEqual({
        bytes: expect.any(Number),
        uploaded: expect.stringContaining(url),
        refusal: 'unauthorized',
        isRecord: true,
        model: 'darkroom',
        verify: 'function',
        openapi: '3.',
      });
    },
  );

  it.concurrent.for(['server', 'sandbox'])('say on Node 20 and 22 that the %s needs a newer one', async (name) => {
    const folder = await project.findNpxFolder(get(name).name);
    const { bin } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    for (const node of nodes.values()) {
      const failed = project.run(node, [path.join(folder, Object.values<string>(bin)[0] ?? '')]);
      await expect(failed).rejects.toThrow(
        /:\n[^\n]+ needs Node 24\.11 or newer; this is v2[02]\.[^\n]+nodejs\.org[^\n]+\n$/,
      );
    }
  });

  it.concurrent.for([
    [
      'everywhere.ts',
      { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2022', 'dom', 'dom.iterable'] },
    ],
    ['on-node.mts', { module: 'nodenext', types: ['node'], lib: ['es2024'] }],
    ['on-node.cts', { module: 'node16', types: ['node'], lib: ['es2024'] }],
  ] as const)('have no errors for strict TypeScript that checks libraries, too: %s', async ([file, options]) => {
    const config = `tsconfig.${file}.json`;
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      ...options,
    };
    await writeFile(path.join(project.folder, config), JSON.stringify({ compilerOptions, files: [file] }));
    await project.run(path.join(bins, 'tsc'), ['-p', config]);
  });

  it.concurrent('are built into a page by Vite', async () => {
    await project.run(path.join(bins, 'vite'), ['build', '--outDir', 'page']);
    const [script = ''] = await readdir(path.join(project.folder, 'page/assets'));
    expect(await readFile(path.join(project.folder, 'page/assets', script), 'utf8')).toContain('requestqueue');
  });

  it.concurrent('make a picture on an edge runtime, built by esbuild for a place without modules of Node', async () => {
    const words = ['page.js', '--bundle', '--platform=browser', '--format=iife', '--outfile=edge.js'];
    await project.run(path.join(bins, 'esbuild'), words);
    const edge = new EdgeVM();
    edge.evaluate(await readFile(path.join(project.folder, 'edge.js'), 'utf8'));
    const bytes = await edge.evaluate(`makePicture(${JSON.stringify(url)}, ${JSON.stringify(apiKey)})`);
    expect(bytes).toBeGreaterThan(10_000);
  });
});
