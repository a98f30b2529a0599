import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { run } from '../pack.ts';
import { root, toPublishedText } from '../published.ts';

/** An empty folder with an empty home beside it, far from the repository. Only what npm has downloaded before is shared. */
export class EmptyProject {
  readonly folder: string;
  readonly home: string;

  private constructor(place: string) {
    this.folder = path.join(place, 'project');
    this.home = path.join(place, 'home');
  }

  static async create(): Promise<EmptyProject> {
    const project = new EmptyProject(await mkdtemp(path.join(os.tmpdir(), 'darkroom-packages-')));
    const cache = path.join(project.home, '.npm');
    await mkdir(cache, { recursive: true });
    await mkdir(project.folder);
    const shared = path.join((await run('npm', ['config', 'get', 'cache'])).trim(), '_cacache');
    await mkdir(shared, { recursive: true });
    await symlink(shared, path.join(cache, '_cacache'));
    return project;
  }

  remove(): Promise<void> {
    return rm(path.dirname(this.folder), { recursive: true, force: true });
  }

  /** The files of `consumer/`, which use the packages by their published names. */
  async copyPrograms(): Promise<void> {
    const from = path.join(import.meta.dirname, 'consumer');
    for (const file of await readdir(from))
      await writeFile(path.join(this.folder, file), toPublishedText(await readFile(path.join(from, file), 'utf8')));
  }

  /** Installs packages as a reader of the registry would. Without a registry it fails: nothing was tested then. */
  async install(...packages: readonly string[]): Promise<void> {
    await writeFile(path.join(this.folder, 'package.json'), '{"private":true}');
    await this.run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages]).catch(
      (error: unknown) => {
        throw new Error(`The packages could not be installed. Does a registry answer? ${error}`, { cause: error });
      },
    );
  }

  /** Runs a program to its end, and resolves to its standard output. Rejects with all that it printed when it fails. */
  async run(program: string, words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
    const options = { cwd: this.folder, env: { ...this.#env(), ...more }, timeout: 100_000 };
    try {
      return (await promisify(execFile)(program, words, options)).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }; // of execFile
      throw new Error(`${path.basename(program)} ${words.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** Starts a program that goes on running, and waits until it has printed what `until` matches. */
  async start(program: string, words: readonly string[], until: RegExp): Promise<RunningProgram> {
    // A group of its own, so that the programs that npx starts end with it.
    const child = spawn(program, words, { cwd: this.folder, env: this.#env(), detached: true, stdio: 'pipe' });
    let output = '';
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const found = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          if (until.test(output)) resolve();
        });
      child.once('error', reject);
      void ended.then(() => reject(new Error(`${program} ${words.join(' ')} ended:\n${output}`)));
    });
    const stop = async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await ended;
    };
    try {
      await found;
    } catch (error) {
      await stop();
      throw error;
    }
    return { output: () => output, stop };
  }

  /** Where `npx` has put a package. */
  async findNpxFolder(name: string): Promise<string> {
    const cache = path.join(this.home, '.npm/_npx');
    for (const hash of await readdir(cache)) {
      const folder = path.join(cache, hash, 'node_modules', name);
      if ((await readdir(folder).catch(() => [])).length > 0) return folder;
    }
    throw new Error(`npx has not installed ${name}.`);
  }

  #env(): NodeJS.ProcessEnv {
    const { DARKROOM_API_KEY: _key, XDG_DATA_HOME: _data, ...env } = process.env;
    return {
      ...env,
      HOME: this.home,
      npm_config_cache: path.join(this.home, '.npm'),
      npm_config_prefer_offline: 'true',
      npm_config_update_notifier: 'false',
    };
  }
}

export interface RunningProgram {
  /** Everything that it has printed so far. */
  readonly output: () => string;
  /** Resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

/** The older Nodes of `nodes/`, by their lock file; kept beside the other caches. By major, the path of the program. */
export async function installOlderNodes(): Promise<ReadonlyMap<number, string>> {
  const folder = path.join(root, 'node_modules/.cache/older-nodes');
  await mkdir(folder, { recursive: true });
  await cp(path.join(import.meta.dirname, 'nodes'), folder, { recursive: true });
  const found = await findNodes(folder);
  if (found.size > 0) return found;
  await run('npm', ['ci', '--prefix', folder, '--prefer-offline', '--no-audit', '--no-fund']);
  return findNodes(folder);
}

async function findNodes(folder: string): Promise<ReadonlyMap<number, string>> {
  const installed = await readdir(path.join(folder, 'node_modules')).catch(() => []);
  return new Map(
    installed
      .filter((name) => name.startsWith('node-'))
      .map((name) => [Number(name.split('-')[1]), path.join(folder, 'node_modules', name, 'bin/node')]),
  );
}
