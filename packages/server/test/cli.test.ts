import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Darkroom } from '@darkroom/client';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DarkroomProcess, darkroom as darkroomApart, runDarkroom } from './darkroom-process.ts';
import { darkroom } from './run-here.ts';

let server: DarkroomProcess;
let folder: string;
beforeAll(async () => {
  server = await DarkroomProcess.start();
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-cli-'));
});
afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true });
});

const onServer = () => ['--data-dir', server.dataDir, '--server', server.url];

describe('darkroom serve', () => {
  it('prints the address, the first key and a curl line that can be pasted', async () => {
    const curl = /curl -X POST[\s\S]*?}'\n/.exec(server.output)?.[0] ?? '';
    const [, url] = /"(http[^"]+)"/.exec(curl) ?? [];
    const headers = Object.fromEntries(
      [...curl.matchAll(/-H "([^:]+): ([^"]+)"/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
    );
    const [, body] = /-d '([\s\S]+)'/.exec(curl) ?? [];
    const response = await fetch(url ?? '', { method: 'POST', headers, body: body ?? '' });
    expect(response.status).toBe(200);
    expect(server.output).toContain(await server.key());
  });

  describe('when it starts for the first time, and then again', () => {
    let own: DarkroomProcess;
    beforeAll(async () => {
      own = await DarkroomProcess.start();
    });
    afterAll(() => own.remove());

    const readCode = () => /Open +http\S+\/#sign-in=(\S+)/.exec(own.output)?.[1] ?? '';
    const signIn = (code: string) =>
      fetch(`${own.url}/api/v1/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      });

    it('prints a link that signs in once, and another link; and the first key when it is made and never again, and then says where it is and how to make one', async () => {
      const first = readCode();
      const answer = await signIn(first);
      const { api_key: apiKey } = (await answer.json()) as { readonly api_key: string };
      expect(await new Darkroom({ baseUrl: own.url, apiKey }).me()).toMatchObject({ is_admin: true });
      expect((await signIn(first)).status).toBe(401);
      expect(own.errors).not.toContain(first);
      const key = await own.key();
      expect(own.output).toMatch(new RegExp(`API key +${key} `));

      await own.end();
      await own.restart();
      expect(readCode()).not.toBe(first);
      expect((await signIn(readCode())).status).toBe(200);
      expect(own.output + own.errors).not.toContain(key);
      expect(own.output).toMatch(/API key +the one in \S+api-key, or a new one: npx darkroom keys create --admin/);
      expect(own.output).toContain(`Bearer $(cat '${path.relative(os.tmpdir(), own.dataDir)}/api-key')`);
    });
  });

  it('prints no link when it prints no key, because the output may be kept', async () => {
    const own = await DarkroomProcess.start({ DARKROOM_API_KEY: 'a-key-of-the-operator' });
    try {
      expect(own.output).toContain('the one in DARKROOM_API_KEY');
      expect(own.output).not.toContain('sign-in');
    } finally {
      await own.remove();
    }
  });

  it('lets only the owner read the first key', async () => {
    expect((await stat(path.join(server.dataDir, 'api-key'))).mode & 0o777).toBe(0o600);
  });

  it('reports every wrong setting at once, without values', async () => {
    const { code, errors } = await darkroomApart(['serve', '--port', 'eighty', '--data-dir', folder], {
      LOG_LEVEL: 'loud',
    });
    expect(code).toBe(1);
    expect(errors).toMatch(/PORT must be[\s\S]*LOG_LEVEL must be/);
    expect(errors).not.toMatch(/eighty|loud|at /);
  });

  it('refuses unknown settings and flags, and names those that were probably meant', async () => {
    const { code, errors } = await darkroomApart(['serve', '--port', 'eighty', '--data-dir', folder], {
      DARKROOM_CONCURENCY: '4',
      DARKROOM_API_KEY: 'a key with spaces',
    });
    expect(code).toBe(1);
    expect(errors).toMatch(
      /DARKROOM_CONCURENCY is not a setting: did you mean DARKROOM_CONCURRENCY\?[\s\S]*PORT must be[\s\S]*DARKROOM_API_KEY must have only visible/,
    );
    const flag = await darkroomApart(['serve', '--concurency', '4']);
    expect([flag.code, flag.errors]).toEqual([1, expect.stringContaining('Did you mean --concurrency?')]);
    const command = await darkroom(['genrate', 'a kite']);
    expect([command.code, command.errors]).toEqual([1, expect.stringContaining('Did you mean generate?')]);
  });

  it('says what to do when its port is taken', async () => {
    const { code, errors } = await darkroomApart([
      'serve',
      '--port',
      new URL(server.url).port,
      '--data-dir',
      path.join(folder, 'other'),
    ]);
    expect([code, errors]).toEqual([1, expect.stringMatching(/Port \d+ is in use.*--port/)]);
  });
});

describe('darkroom generate', () => {
  it('makes a picture on the server that runs and prints the file', async () => {
    const args = [
      'generate',
      'two owls on a branch at night',
      '--size',
      '1K',
      '--ratio',
      '16:9',
      '--format',
      'jpeg',
      '--count',
      '2',
    ];
    const { code, output } = await darkroomApart([...args, '--output', folder, ...onServer()]);
    expect(code).toBe(0);
    const files = output.trim().split('\n');
    expect(files).toHaveLength(2);
    for (const file of files)
      expect(await sharp(file).metadata()).toMatchObject({ format: 'jpeg', width: 1376, height: 768 });
    expect((await readdir(folder)).some((name) => name.endsWith('.part'))).toBe(false);
  });

  it('draws the picture in the terminal, above its file, when told how', async () => {
    const args = ['generate', 'a kite', '--show', 'blocks', '--priority', '-3', '--deadline', '600'];
    const { output } = await darkroom([...args, '--output', folder, ...onServer()]);
    const file = output.trim().split('\n').at(-1) ?? '';
    expect(output.match(/▀/g)?.length).toBeGreaterThan(500);
    const [, id = ''] = /([0-9a-f-]{36})-[^/]*$/.exec(file) ?? [];
    const { priority, deadline_at, created_at } = await (await server.client()).status(id);
    expect([priority, deadline_at - created_at]).toEqual([-3, 600]);
  });

  it('prints JSON when asked, of the bytes of the model, in a service tier, by no other model', async () => {
    const choices = ['--format', 'original', '--tier', 'flex', '--no-fallback'];
    const { output } = await darkroom(['generate', 'a kite', '--json', ...choices, '--output', folder, ...onServer()]);
    const { files, ...facts } = JSON.parse(output) as {
      readonly files: readonly string[];
      readonly request_id: string;
    };
    expect(facts).toEqual({ request_id: expect.any(String), status: 'success', cost_usd: expect.any(Number) });
    expect(await sharp(files[0]).metadata()).toMatchObject({ format: 'jpeg' });
    const asked = { fallback: false, service_tier: 'flex', payload: { image_output_format: 'original' } };
    expect(await (await server.client()).status(facts.request_id)).toMatchObject(asked);
  });

  it('starts its own server when none is running', async () => {
    const { code, output } = await darkroomApart([
      'generate',
      'a kite',
      '--output',
      folder,
      '--data-dir',
      path.join(folder, 'own'),
      '--port',
      '1',
    ]);
    expect(code).toBe(0);
    expect(await sharp(output.trim()).metadata()).toMatchObject({ format: 'png', width: 1024 });
  });

  it('uploads local reference pictures, and edits the picture of an earlier request', async () => {
    const file = path.join(folder, 'reference.webp');
    await sharp({ create: { width: 40, height: 30, channels: 3, background: '#e22' } })
      .webp()
      .toFile(file);
    const made = await darkroom([
      'generate',
      'a kite in these colours',
      '--image',
      file,
      '--output',
      folder,
      ...onServer(),
    ]);
    expect([made.code, made.errors]).toEqual([0, expect.stringContaining('success')]);
    const [id] = /[0-9a-f-]{36}/.exec(path.basename(made.output)) ?? [];
    const edited = await darkroom(['edit', id ?? '', 'Make the kite blue', '--output', folder, ...onServer()]);
    expect(edited.code).toBe(0);
    expect(await sharp(edited.output.trim()).metadata()).toMatchObject({ format: 'png' });
    const wrong = await darkroom([
      'generate',
      'a kite',
      '--image',
      path.join(server.dataDir, 'api-key'),
      ...onServer(),
    ]);
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('is not a PNG')]);
    const missing = await darkroom(['generate', 'a kite', '--image', '/no/such.png', ...onServer()]);
    expect([missing.code, missing.errors]).toEqual([
      1,
      expect.stringMatching(/There is no file \/no\/such\.png\. A ref/),
    ]);
  });

  it('fails with the sentence of the failure', async () => {
    const { code, errors } = await darkroomApart([
      'generate',
      'a kite [[sandbox block=PROHIBITED_CONTENT]]',
      ...onServer(),
    ]);
    expect([code, errors]).toEqual([1, expect.stringMatching(/[0-9a-f-]{36} failed: .*blocked/)]);
  });

  it.each([
    ['a failed request', ['a kite [[sandbox block=PROHIBITED_CONTENT]]'], 'prompt_blocked', /blocked/],
    [
      'an unknown model',
      ['a kite', '--model', 'gpt'],
      'model_not_found',
      /The models are gemini-3-pro-image-preview, /,
    ],
    ['a wrong flag', ['a kite', '--format', 'gif'], 'command_failed', /png, jpeg/],
    ['a size that the model has not', ['a kite', '--size', '8K'], 'invalid_request', /"1K", "2K", "4K", not "8K"/],
    ['a missing file', ['a kite', '--image', '/no/such.png'], 'command_failed', /There is no file/],
    ['a wrong key', ['a kite', '--api-key', 'no-such-key'], 'unauthorized', /keys create/],
  ])('tells %s with --json as JSON on standard output, and as a sentence', async (_what, args, code, sentence) => {
    const failed = await darkroom(['generate', ...args, '--json', '--output', folder, ...onServer()]);
    expect([failed.code, failed.errors]).toEqual([1, expect.stringMatching(sentence)]);
    const { error } = JSON.parse(failed.output) as { readonly error: object };
    expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) });
  });

  it('names the failed request in its JSON, with its cost', async () => {
    const args = ['a kite [[sandbox block=PROHIBITED_CONTENT]]', '--json', '--output', folder];
    const { output } = await darkroom(['generate', ...args, ...onServer()]);
    expect(JSON.parse(output)).toEqual({
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'failed',
      cost_usd: 0,
      error: expect.objectContaining({ retryable: false, blame: 'caller' }),
    });
  });
});

describe('the other commands', () => {
  it('list and show requests', async () => {
    const { request_id } = await (await server.client()).submit({ payload: { prompt: 'a \u001b[31mred\u0007 kite' } });
    await (await server.client()).wait(request_id);
    const list = await darkroom(['requests', '--limit', '100', ...onServer()]);
    expect(list.output).toMatch(new RegExp(`REQUEST +STATUS[\\s\\S]*${request_id} +success .*\\$0\\.00 .*a red +kite`));
    const one = await darkroom(['requests', request_id, ...onServer()]);
    expect(JSON.parse(one.output)).toMatchObject({ request_id });
    const listIds = async (...filters: string[]) => {
      const { output } = await darkroom(['requests', '--json', '--limit', '100', ...filters, ...onServer()]);
      return JSON.parse(output).map((request: { request_id: string }) => request.request_id);
    };
    expect(await listIds()).toContain(request_id);
    expect(await listIds('--text', 'RED', '--from', '2026-01-01')).toEqual([request_id]);
    expect(await listIds('--text', 'red', '--before', '2026-01-01T12:00Z')).toEqual([]);
    const wrong = await darkroom(['requests', '--from', 'yesterday', ...onServer()]);
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('a day such as 2026-11-22')]);
  });

  it('show the calls of a request and what was spent', async () => {
    const client = await server.client();
    const { request_id } = await client.submit({ payload: { prompt: 'a kite [[sandbox status=500 times=1]]' } });
    await client.wait(request_id);
    const attempts = await darkroom(['attempts', request_id, ...onServer()]);
    expect(attempts.output).toMatch(
      /TRY +IMAGE +UPSTREAM[\s\S]*\n1 +1 +sandbox .* failed .*upstream_error[\s\S]*\n2 +1 +sandbox .* succeeded +\$0 \(would be \$0\.1/,
    );
    const json = await darkroom(['attempts', request_id, '--json', ...onServer()]);
    expect(JSON.parse(json.output)).toMatchObject([{ result: 'failed' }, { result: 'succeeded' }]);
    const usage = await darkroom(['usage', '--by', 'model', ...onServer()]);
    expect(usage.output).toMatch(/MODEL +KEY +SUCCESS[\s\S]*gemini-3-pro-image-preview .*\$\d[\s\S]*total .*\$\d/);
    const wrong = await darkroom(['usage', '--from', 'May', ...onServer()]);
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('must be a day')]);
  });

  it('list the models', async () => {
    expect((await darkroom(['models'])).output).toMatch(/gemini-3-pro-image-preview +1K 2K 4K/);
  });

  it('make, list and revoke keys beside the running server', async () => {
    const dataDir = ['--data-dir', server.dataDir];
    const key = (
      await darkroom(['keys', 'create', '--name', 'robot', '--organization', 'red', 'blue', ...dataDir])
    ).output.trim();
    const read = () =>
      fetch(`${server.url}/api/v1/apikey/models`, {
        headers: { authorization: `Bearer ${key}`, 'x-organization-id': 'blue' },
      });
    expect((await read()).status).toBe(200);
    expect((await darkroom(['keys', 'list', ...dataDir])).output).toMatch(/robot +red blue/);
    const [, id] = /^dk_([^_]+)_/.exec(key) ?? [];
    expect((await darkroom(['keys', 'revoke', id ?? '', ...dataDir])).code).toBe(0);
    expect((await read()).status).toBe(401);
    expect((await darkroom(['keys', 'revoke', id ?? '', ...dataDir])).code).toBe(1);
    const stored = await readFile(path.join(server.dataDir, 'darkroom.db'), 'latin1');
    expect(stored).not.toContain(key);
  });

  it('examine a machine and name what is wrong', async () => {
    const well = await darkroom(['doctor', '--data-dir', server.dataDir]);
    expect([well.code, well.output]).toEqual([
      0,
      expect.stringMatching(/✓ store[\s\S]*✓ media[\s\S]*✓ pictures[\s\S]*✓ upstream/),
    ]);
    const file = path.join(folder, 'a-file');
    await writeFile(file, '');
    const ill = await darkroom(['doctor', '--data-dir', file]);
    expect([ill.code, ill.output]).toEqual([1, expect.stringContaining('✗ data')]);
  });

  it('run the sandbox alone, for any client of the Gemini API', async () => {
    const sandbox = runDarkroom(['sandbox', '--port', '0']);
    try {
      while (!sandbox.output().includes('GEMINI_BASE_URL='))
        await new Promise((resolve) => sandbox.process.stdout?.once('data', resolve));
      const [, url] = /at (http\S+)/.exec(sandbox.output()) ?? [];
      // The printed command works as it is.
      const settings = [...sandbox.output().matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]);
      expect(settings).toHaveLength(3);
      const own = await DarkroomProcess.start(Object.fromEntries(settings));
      const client = await own.client();
      const { request_id } = await client.submit({ payload: { prompt: 'a kite' } });
      expect((await client.wait(request_id)).status).toBe('success');
      await own.remove();
      const DARKROOM_UPSTREAMS = JSON.stringify([
        { name: 'well', api_key: 'secret-of-well', base_url: url },
        { name: 'ill', api_key: 'secret-of-ill', base_url: 'http://127.0.0.1:9' },
      ]);
      const { code, output } = await darkroom(['doctor', '--data-dir', server.dataDir], { DARKROOM_UPSTREAMS });
      expect([code, output]).toEqual([1, expect.stringMatching(/✓ upstream well[\s\S]*✗ upstream ill/)]);
      expect(output).not.toContain('secret-of');
    } finally {
      sandbox.process.kill();
    }
    expect(await sandbox.ended).toBe(0);
  });
});
