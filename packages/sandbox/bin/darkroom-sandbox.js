#!/usr/bin/env node
// This file also runs on a Node that is too old, in order to say so.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 11)) await import('../src/main.ts');
else {
  console.error(
    `The sandbox needs Node 24.11 or newer; this is ${process.version}. Get it from https://nodejs.org, or with a version manager, e.g. "nvm install 24".`,
  );
  process.exitCode = 1;
}
