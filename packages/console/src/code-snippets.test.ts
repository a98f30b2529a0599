import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { toSnippet } from './code-snippets.ts';

const payload = { prompt: `it's "a" $HOME\nfox \\ é`, number_of_images: 2, extra: { is: true, not: null, list: [1] } };
const asked = { model: 'gemini-3-pro-image-preview', payload };
const base = 'http://127.0.0.1:4600';

describe('the request as code', () => {
  it('passes through a shell to curl unchanged', () => {
    const command = toSnippet('curl', asked, base).replace(/^curl /, 'printf "%s\\0" ');
    const words = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\0');
    expect(JSON.parse(words[words.indexOf('-d') + 1] ?? '')).toEqual(asked);
    expect(words[0]).toBe(`${base}/api/v1/ie/requestqueue/apikey/requests`);
  });

  it('translates the JSON to Python literals', () => {
    const code = toSnippet('Python', asked, base);
    expect(code).toContain('"is": True,');
    expect(code).toContain('"not": None,');
    expect(code).toContain(`"prompt": ${JSON.stringify(payload.prompt)},`);
  });

  it('has the service tier and the stand-in where they were chosen, in the words of each language', () => {
    const chosen = { ...asked, service_tier: 'flex', fallback: false } as const;
    expect(toSnippet('curl', chosen, base)).toContain('"service_tier": "flex",\n  "fallback": false');
    expect(toSnippet('Python', chosen, base)).toContain('"fallback": False');
    expect(toSnippet('TypeScript', chosen, base)).toContain('"serviceTier": "flex",\n  "fallback": false');
  });

  it('never contains the key', () => {
    expect(toSnippet('TypeScript', asked, base)).toContain('process.env.DARKROOM_API_KEY');
  });
});
