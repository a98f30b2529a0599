import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type SettingValues } from './load-config.ts';

describe('the configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'darkroom-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (env: Record<string, string> = {}, flags: SettingValues = {}) => loadConfig({ env, flags, folder });
  const writeFile = (content: string) => writeFileSync(path.join(folder, 'darkroom.config.json'), content);

  it('needs nothing: without any setting the sandbox draws', () => {
    expect(load()).toMatchObject({
      port: 4600,
      host: '127.0.0.1',
      upstream: { kind: 'sandbox' },
      dataDir: path.join(folder, '.darkroom'),
    });
  });

  it('lets flags win over the environment, and the environment over the file', () => {
    writeFile('{"PORT": 1, "HOST": "file.example", "LOG_LEVEL": "warn"}');
    expect(load({ PORT: '2', HOST: 'env.example' }, { PORT: '3' })).toMatchObject({
      port: 3,
      host: 'env.example',
      logLevel: 'warn',
    });
  });

  it('talks to Google when there is a key, under either name', () => {
    expect(load({ GOOGLE_API_KEY: 'second-key' }).upstream).toMatchObject({ kind: 'google', apiKey: 'second-key' });
    expect(load({ GOOGLE_API_KEY: 'second-key', GEMINI_API_KEY: 'first-key' }).upstream).toMatchObject({
      apiKey: 'first-key',
    });
    expect(load({ GEMINI_API_KEY: 'first-key', DARKROOM_UPSTREAM: 'sandbox' }).upstream).toEqual({ kind: 'sandbox' });
  });

  it('takes an empty variable as not set', () => {
    expect(load({ GEMINI_API_KEY: '', PORT: '' })).toMatchObject({ port: 4600, upstream: { kind: 'sandbox' } });
  });

  it('reports all problems at once, by name and never by value', () => {
    writeFile('{"PROT": 1}');
    const attempt = () =>
      load({ PORT: 'eighty', DARKROOM_API_KEY: 'geheim', GEMINI_BASE_URL: 'ftp://hidden.example', LOG_LEVEL: 'loud' });
    expect(attempt).toThrow(
      /PROT[\s\S]*PORT must be[\s\S]*DARKROOM_API_KEY must[\s\S]*GEMINI_BASE_URL must[\s\S]*LOG_LEVEL must/,
    );
    expect(attempt).not.toThrow(/eighty|geheim|hidden|loud/);
  });

  it('names the key that Google needs', () => {
    expect(() => load({ DARKROOM_UPSTREAM: 'google' })).toThrow('needs GEMINI_API_KEY');
  });

  it.each(['{', '[]', '3', 'null'])('refuses a file that is not an object of settings: %s', (content) => {
    writeFile(content);
    expect(() => load()).toThrow('darkroom.config.json');
  });
});
