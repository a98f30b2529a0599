import type { RequestRecord } from '@darkroom/protocol';

export const snippetLanguages = ['curl', 'TypeScript', 'Python'] as const;
export type SnippetLanguage = (typeof snippetLanguages)[number];

type Asked = Pick<RequestRecord, 'model' | 'payload' | 'service_tier' | 'fallback'>;

/** Code that makes the request again. It reads the key from `DARKROOM_API_KEY`. */
export function toSnippet(language: SnippetLanguage, asked: Asked, baseUrl: string): string {
  const body = toBody(asked);
  switch (language) {
    case 'curl':
      return toCurl(body, baseUrl);
    case 'TypeScript':
      return toTypeScript(asked, baseUrl);
    case 'Python':
      return toPython(body, baseUrl);
  }
}

const path = '/api/v1/ie/requestqueue/apikey/requests';

/** The body of the submit. */
function toBody({ model, payload, service_tier, fallback }: Asked): object {
  return { model, payload, ...(service_tier && { service_tier }), ...(fallback !== undefined && { fallback }) };
}

function toCurl(asked: object, baseUrl: string): string {
  // Inside single quotes a shell takes everything literally except the quote itself.
  const body = JSON.stringify(asked, null, 2).replaceAll("'", String.raw`'\''`);
  return [
    `curl ${baseUrl}${path} \\`,
    '  -H "Authorization: Bearer $DARKROOM_API_KEY" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join('\n');
}

function toTypeScript({ model, payload, service_tier: serviceTier, fallback }: Asked, baseUrl: string): string {
  const submission = {
    model,
    payload,
    ...(serviceTier && { serviceTier }),
    ...(fallback !== undefined && { fallback }),
  };
  return [
    "import { Darkroom } from '@darkroom/client';",
    '',
    'const darkroom = new Darkroom({',
    `  baseUrl: ${JSON.stringify(baseUrl)},`,
    "  apiKey: process.env.DARKROOM_API_KEY ?? '',",
    '});',
    `const { request_id } = await darkroom.submit(${JSON.stringify(submission, null, 2)});`,
    'const { outcome } = await darkroom.wait(request_id);',
    'console.log(outcome);',
  ].join('\n');
}

function toPython(asked: object, baseUrl: string): string {
  return [
    'import os, time',
    'import requests',
    '',
    `url = ${JSON.stringify(`${baseUrl}${path}`)}`,
    'headers = {"Authorization": f"Bearer {os.environ[\'DARKROOM_API_KEY\']}"}',
    `body = ${toPythonValue(asked)}`,
    '',
    'request = requests.post(url, headers=headers, json=body).json()',
    'while request["status"] in ("queued", "processing"):',
    '    time.sleep(1)',
    '    request = requests.get(f"{url}/{request[\'request_id\']}", headers=headers).json()',
    'print(request["outcome"])',
  ].join('\n');
}

/** Python writes strings and numbers like JSON, but not `null`, `true` and `false`. */
function toPythonValue(value: unknown, indent = ''): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}    `;
  const items = Array.isArray(value)
    ? value.map((item) => toPythonValue(item, inner))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${toPythonValue(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return items.length === 0
    ? `${open}${close}`
    : `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}${close}`;
}
