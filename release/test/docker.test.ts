import { globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Copy, DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { root } from '../published.ts';

/** What a machine without Docker can tell about the image. `packages.test.ts` starts the server that is in it. */

const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
const dockerfile = DockerfileParser.parse(text);

const copies = dockerfile.getCOPYs().map((copy: Copy) => ({
  from: copy.getFromFlag()?.getValue() ?? undefined,
  sources: copy
    .getArguments()
    .map((argument) => argument.getValue())
    .slice(0, -1),
}));

/** What the build does not send to Docker. Only these kinds of lines are in `.dockerignore`. */
function isSent(file: string): boolean {
  const lines = readFileSync(path.join(root, '.dockerignore'), 'utf8').trim().split('\n');
  const [first, ...rules] = lines;
  expect(first).toBe('**');
  const kept = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const dropped = rules.filter((rule) => !rule.startsWith('!'));
  return (
    kept.some((rule) => file === rule || file.startsWith(`${rule}/`)) &&
    !dropped.some((rule) => file.split('/').some((part) => path.matchesGlob(part, rule.replace('**/', ''))))
  );
}

describe('the Dockerfile', () => {
  it('has no problem that a linter knows', () => {
    expect(validate(text).map(({ message }) => message)).toEqual([]);
  });

  it('copies only what exists and is sent to Docker, and from stages that exist', () => {
    const stages = dockerfile.getFROMs().map((from) => from.getBuildStage());
    const wrong = copies.flatMap(({ from, sources }) =>
      from === undefined
        ? sources.filter((source) => globSync(source, { cwd: root }).length === 0 || !isSent(source))
        : stages.includes(from)
          ? []
          : [from],
    );
    expect(wrong).toEqual([]);
  });

  it('installs what every workspace needs', () => {
    const manifests = readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}/package.json`);
    expect(copies.flatMap(({ sources }) => sources)).toEqual(expect.arrayContaining(manifests));
  });

  it('starts the program of the packed server', () => {
    const entry = dockerfile.getENTRYPOINTs().map((one) => one.getArgumentsContent());
    const { bin } = JSON.parse(readFileSync(path.join(root, 'packages/server/package.json'), 'utf8'));
    const built = `dist/${path.basename(bin.darkroom)}`;
    expect(entry).toEqual([JSON.stringify(['tini', '--', 'node', built]).replaceAll(',', ', ')]);
  });
});
