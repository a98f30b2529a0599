#!/usr/bin/env node
// Darkroom needs Node 24 or newer. An older `node` on the PATH is no obstacle: the repository carries its own.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const major = Number(process.versions.node.split('.', 1)[0]);

if (major >= 24) {
  // Keeps V8's young generation small, so that buffers which pictures went through are let go of at once: half the memory
  // at its peak. docs/decisions/0008-young-generation.md
  setFlagsFromString('--semi-space-growth-factor=1');
  // What was compiled once is kept in the system's folder for temporary files: a command starts in half the time.
  module.enableCompileCache();
  await import('../src/cli/main.ts');
} else {
  const node = findOwnNode();
  if (node === undefined) {
    console.error(
      `Darkroom needs Node 24 or newer; this is ${process.version}. Run "npm ci" in its folder, which brings one.`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

function findOwnNode() {
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    return undefined;
  }
}
