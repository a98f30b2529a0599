import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenService } from './fakes/token-service.ts';
import { darkroom } from './run-here.ts';
import { startUpstream } from './start-upstream.ts';

/** The commands that ask accounts of every vendor for their models; the sandbox takes the part of each. */

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let tokens: TokenService;
let dataDir: string;
beforeAll(async () => {
  upstream = await startUpstream();
  tokens = await TokenService.start();
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'darkroom-check-'));
});
afterAll(async () => {
  await upstream.stop();
  await tokens.close();
  await rm(dataDir, { recursive: true });
});

/** Runs the command with an account of each vendor, of which each serves one model. */
function run(command: readonly string[], openai: object = {}) {
  const url = upstream.settings.GEMINI_BASE_URL;
  const { credentialsFile: credentials_file } = tokens;
  const gemini = { models: ['gemini-3-pro-image'], base_url: url };
  const DARKROOM_UPSTREAMS = JSON.stringify([
    { ...gemini, name: 'studio', api_key: 'secret-of-studio' },
    { ...gemini, name: 'cloud', provider: 'vertex', project: 'my-project', credentials_file },
    {
      name: 'gpt',
      provider: 'openai',
      api_key: 'secret-of-gpt',
      base_url: `${url}/v1`,
      models: ['gpt-image-2', 'missing'],
      ...openai,
    },
  ]);
  // The sandbox does not have it.
  const missing = { id: 'missing', provider: 'openai', upstream_id: 'gpt-image-9', price_per_image: 0.1 };
  const DARKROOM_MODELS = JSON.stringify([missing]);
  return darkroom([...command, '--data-dir', dataDir], { DARKROOM_UPSTREAMS, DARKROOM_MODELS });
}

describe('darkroom models --check', () => {
  it('asks the accounts of Google, Vertex AI and OpenAI, and says which model is not there', async () => {
    const { code, output } = await run(['models', '--check']);
    expect(output).toMatch(/^studio +gemini-3-pro-image +gemini-3-pro-image +there$/m);
    expect(output).toMatch(/^cloud +gemini-3-pro-image +gemini-3-pro-image +there$/m);
    expect(output).toMatch(/^gpt +gpt-image-2 +gpt-image-2 +there$/m);
    expect(output).toMatch(/^gpt +gpt-image-9 +missing +The upstream has no model gpt-image-9; it has .*gpt-image-2,/m);
    expect(code).toBe(1);
    expect((await run(['models', '--check'], { models: ['gpt-image-2'] })).code).toBe(0);
  });

  it('says which account cannot be asked at all', async () => {
    tokens.writeCredentials({ client_email: 'someone-else' });
    try {
      const { code, output } = await run(['models', '--check'], { base_url: 'http://127.0.0.1:9/v1' });
      expect(output).toMatch(/^studio .* there$/m);
      expect(output).toMatch(/^cloud +\S+ gave no access token: the credentials are wrong or revoked/m);
      expect(output).toMatch(/^gpt +.*ECONNREFUSED/m);
      expect(code).toBe(1);
    } finally {
      tokens.writeCredentials();
    }
  });
});

describe('darkroom doctor', () => {
  it('examines the accounts of Google, Vertex AI and OpenAI', async () => {
    const { code, output } = await run(['doctor']);
    expect(output).toMatch(/✓ upstream studio +http\S+ takes the key and has gemini-3-pro-image/);
    expect(output).toMatch(/✓ upstream cloud +http\S+ takes the key and has gemini-3-pro-image/);
    expect(output).toMatch(/! upstream gpt +http\S+ takes the key and has gpt-image-2\. It lacks gpt-image-9/);
    expect(output).not.toContain('secret-of');
    expect(code).toBe(0);
    const ill = await run(['doctor'], { base_url: 'http://127.0.0.1:9/v1' });
    expect([ill.code, ill.output]).toEqual([1, expect.stringMatching(/✗ upstream gpt/)]);
  });
});
