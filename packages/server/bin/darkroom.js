#!/usr/bin/env node
// Darkroom needs Node 24.11 or newer. This file also runs on older ones: a checkout carries its own Node and uses that, and an
// installed Darkroom says what it needs.
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const [major, minor] = process.versions.node.split('.').map(Number);
// The first release with long-term support. The SQLite of some older ones refuses our statements.
const isNewEnough = major > 24 || (major === 24 && minor >= 11);
const ownNode = isNewEnough ? undefined : findOwnNode();

if (isNewEnough) {
  // V8's young generation does not grow while a command starts. A server lets it grow somewhat, later.
  // docs/decisions/0008-young-generation.md
  setFlagsFromString('--semi-space-growth-factor=1');
  // Of Node's usual four threads for files and pictures, work on pictures takes up to three and a thumbnail one.
  process.env.UV_THREADPOOL_SIZE ??= '5';
  // What was compiled once is kept in the system's folder for temporary files: a command starts in half the time.
  module.enableCompileCache();
  // In a checkout whose sources have been built as they are. docs/decisions/0022-build-of-a-checkout.md
  const { findBuild } = await import('./find-build.ts');
  const build = findBuild(path.resolve(import.meta.dirname, '../../..'));
  await (build === undefined ? import('../src/cli/main.ts') : import(build));
} else if (ownNode !== undefined) {
  const { spawn } = await import('node:child_process');
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
} else {
  const isInstalled = import.meta.url.includes('/node_modules/');
  const remedy = isInstalled
    ? 'Get it from https://nodejs.org, or with a version manager, e.g. "nvm install 24".'
    : 'Run "npm ci" in its folder, which brings one.';
  console.error(`Darkroom needs Node 24.11 or newer; this is ${process.version}. ${remedy}`);
  process.exitCode = 1;
}

/** The Node that `npm ci` installs for this platform. */
function findOwnNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const { resolve } = createRequire(import.meta.url);
  for (const kind of ['node', 'node-bin']) {
    try {
      const folder = path.dirname(resolve(`${kind}-${platform}-${process.arch}/package.json`));
      return path.join(folder, 'bin', platform === 'win' ? 'node.exe' : 'node');
    } catch {
      // The platform's package has the other name, or is not installed.
    }
  }
  return undefined;
}
