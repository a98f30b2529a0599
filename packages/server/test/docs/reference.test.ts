import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { readOpenApi } from './openapi-shapes.ts';
import { root } from './pages.ts';
import { createReferenceFiles } from './reference-files.ts';

const files = await createReferenceFiles();

describe('the reference', () => {
  it.each([...files])('%s says what the code says', (file, text) => {
    const isSame = readFileSync(path.join(root, file), 'utf8') === text;
    expect(isSame, `${file} is not what the code says: run npm run docs`).toBe(true);
  });

  it('has no page that is not generated', () => {
    const folder = 'docs/reference/';
    const written = readdirSync(path.join(root, folder)).map((file) => `${folder}${file}`);
    expect(written.sort()).toEqual([...files.keys()].filter((file) => file.startsWith(folder)).sort());
  });

  it('has an OpenAPI document that is valid', async () => {
    expect(await new Validator().validate({ ...(await readOpenApi()) })).toMatchObject({ valid: true });
  });
});
