import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceTier } from '@darkroom/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ForwardProxy } from '../../../../test/fakes/forward-proxy.ts';
import { picturePart, toAnswerBody, toErrorBody } from '../../../../test/fakes/recorded-answers.ts';
import { ScriptedUpstream } from '../../../../test/fakes/scripted-upstream.ts';
import { TokenService } from '../../../../test/fakes/token-service.ts';
import { Proxies } from '../../../outbound/proxies.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { ImageAnswer, ImageCall } from '../../image-model.ts';
import type { Account, ConnectedModel } from '../../provider.ts';
import { Transport } from '../../transport.ts';
import { AccessTokens } from './access-tokens.ts';
import { fromMetadataServer } from './token-sources.ts';
import { vertexProvider } from './vertex-provider.ts';
import { createVertexService } from './vertex-service.ts';

let tokens: TokenService;
let upstream: ScriptedUpstream;
let model: ConnectedModel;
let spoolFolder: string;
let clock: typeof systemClock;
let now: number;

beforeEach(async () => {
  spoolFolder = await mkdtemp(join(tmpdir(), 'vertex-'));
  tokens = await TokenService.start();
  upstream = await ScriptedUpstream.start();
  now = Date.now();
  clock = { ...systemClock, now: () => now };
  model = connect();
  upstream.answerJson(200, toAnswerBody([picturePart]));
});

afterEach(async () => {
  await model.close();
  await upstream.close();
  await tokens.close();
  await rm(spoolFolder, { recursive: true });
});

function connect(changes: Partial<Account> = {}): ConnectedModel {
  const { credentialsFile } = tokens;
  const account = { apiKey: '', baseUrl: upstream.url, project: 'my-project', credentialsFile, ...changes };
  return vertexProvider.connect(account, { clock });
}

function generate(changes: Partial<ImageCall> = {}, signal = new AbortController().signal): Promise<ImageAnswer> {
  const call: ImageCall = {
    upstreamModel: 'gemini-3-pro-image',
    turns: [{ role: 'user', parts: [{ kind: 'text', text: 'a cat' }] }],
    parameters: { imageSize: '2K', aspectRatio: '16:9' },
    format: 'png',
    imageIndex: 0,
    serviceTier: 'standard',
    spoolFolder,
    timeoutMs: 10_000,
  };
  return model.generate({ ...call, ...changes }, signal);
}

describe('a call', () => {
  it('goes to the project and the location with a token, and names the format', async () => {
    expect(await generate()).toMatchObject({ kind: 'pictures' });
    const [call] = upstream.received;
    expect(call?.path).toBe(
      '/v1/projects/my-project/locations/global/publishers/google/models/gemini-3-pro-image:generateContent',
    );
    expect(call?.headers).toMatchObject({ authorization: `Bearer ${tokens.token}` });
    expect(call?.headers).not.toHaveProperty('x-goog-api-key');
    expect(JSON.parse(call?.body ?? '').generationConfig.imageConfig).toEqual({
      aspectRatio: '16:9',
      imageSize: '2K',
      imageOutputOptions: { mimeType: 'image/png' },
    });
  });

  it('leaves the format to the model where Vertex AI has it not, and says which people may be shown', async () => {
    await model.close();
    model = connect({ personGeneration: 'allow_none', location: 'europe-west4' });
    await generate({ format: 'webp' });
    const [call] = upstream.received;
    expect(call?.path).toContain('/locations/europe-west4/');
    expect(JSON.parse(call?.body ?? '').generationConfig.imageConfig).toEqual({
      aspectRatio: '16:9',
      imageSize: '2K',
      personGeneration: 'ALLOW_NONE',
    });
  });

  it('asks for a service tier in its headers, and reads the used one from the kind of traffic', async () => {
    const ask = async (serviceTier: ServiceTier, trafficType: string) => {
      const answer = toAnswerBody([picturePart]) as { readonly usageMetadata: object }; // what the fake makes
      upstream.answerJson(200, { ...answer, usageMetadata: { ...answer.usageMetadata, trafficType } });
      const made = await generate({ serviceTier });
      const { headers, body = '' } = upstream.received.at(-1) ?? {};
      expect(JSON.parse(body)).not.toHaveProperty('serviceTier');
      const asked = [headers?.['x-vertex-ai-llm-request-type'], headers?.['x-vertex-ai-llm-shared-request-type']];
      return [...asked, 'serviceTier' in made ? made.serviceTier : undefined];
    };
    expect(await ask('standard', 'ON_DEMAND')).toEqual([undefined, undefined, 'standard']);
    expect(await ask('flex', 'ON_DEMAND_FLEX')).toEqual(['shared', 'flex', 'flex']);
    expect(await ask('priority', 'ON_DEMAND')).toEqual(['shared', 'priority', 'standard']);
  });

  it('goes to the host of its location', () => {
    const toUrl = (location?: string) => {
      const account = { apiKey: '', project: 'p', ...(location !== undefined && { location }) };
      return createVertexService(account, { clock }).toModelUrl('m');
    };
    expect(toUrl()).toMatch(/^https:\/\/aiplatform\.googleapis\.com\/v1\/projects\/p\/locations\/global\//);
    expect(toUrl('europe-west4')).toMatch(/^https:\/\/europe-west4-aiplatform\.googleapis\.com\//);
    expect(toUrl('eu')).toMatch(/^https:\/\/aiplatform\.eu\.rep\.googleapis\.com\//);
  });
});

describe('the token', () => {
  it('is fetched once for all calls', async () => {
    await Promise.all([generate(), generate(), generate()]);
    await generate();
    expect(tokens.given).toBe(1);
  });

  it('is renewed before its end, while calls go on with the old one, also when the token service is down', async () => {
    await generate();
    now += 3_500_000;
    tokens.upstream.answer((response) => response.destroy());
    expect(await generate()).toMatchObject({ kind: 'pictures' });
    await tokens.upstream.untilCalls(2);
    tokens.work();
    const send = async () => {
      await generate();
      return upstream.received.at(-1)?.headers.authorization;
    };
    await expect.poll(send).toBe('Bearer ya29.token-2');
  });

  it('is fetched anew after the upstream refused it', async () => {
    upstream.answerJson(401, toErrorBody(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'));
    expect(await generate()).toMatchObject({ failure: { code: 'upstream_key_invalid' } });
    upstream.answerJson(200, toAnswerBody([picturePart]));
    expect(await generate()).toMatchObject({ kind: 'pictures' });
    expect(tokens.given).toBe(2);
  });

  it.each([-3_600_000, 3_600_000])('is given although this machine’s clock is wrong by %d ms', async (skewMs) => {
    tokens.skewMs = skewMs;
    expect(await generate()).toMatchObject({ kind: 'pictures' });
  });

  it('comes from the metadata server where there is no file', async () => {
    const transport = new Transport({ connectTimeoutMs: 1000 });
    const source = fromMetadataServer({ transport }, `${tokens.upstream.url}/token`);
    const signal = new AbortController().signal;
    expect(await new AccessTokens(source, clock).get(signal)).toMatchObject({ value: tokens.token });
    expect(tokens.upstream.received[0]?.headers).toMatchObject({ 'metadata-flavor': 'Google' });
    await transport.close();
  });
});

describe('credentials of another kind than a service account’s key', () => {
  const user = {
    type: 'authorized_user',
    client_id: 'the-client',
    client_secret: 'geheim',
    refresh_token: 'verborgen',
    quota_project_id: 'paying-project',
  };

  const toTokenAnswer = (value: string) => ({ access_token: value, token_type: 'Bearer', expires_in: 3600 });

  it('are those of a user, whose project pays', async () => {
    tokens.writeCredentials({ ...user, token_uri: `${tokens.upstream.url}/token` });
    tokens.upstream.answerJson(200, toTokenAnswer('ya29.of-the-user'));
    expect(await generate()).toMatchObject({ kind: 'pictures' });
    const [call] = upstream.received;
    expect(call?.headers).toMatchObject({
      authorization: 'Bearer ya29.of-the-user',
      'x-goog-user-project': 'paying-project',
    });
    const form = new URLSearchParams(tokens.upstream.received[0]?.body);
    expect([form.get('grant_type'), form.get('refresh_token')]).toEqual(['refresh_token', 'verborgen']);
  });

  it('are exchanged through the operator’s proxy', async () => {
    const proxy = await ForwardProxy.start();
    await model.close();
    tokens.writeCredentials({ ...user, token_uri: 'https://oauth2.googleapis.com/token' });
    const { credentialsFile } = tokens;
    const account = { apiKey: '', baseUrl: upstream.url, project: 'my-project', credentialsFile };
    model = vertexProvider.connect(account, { clock, proxies: new Proxies({ httpsProxy: proxy.url }) });
    const answer = await generate();
    await proxy.close();
    expect(answer).toMatchObject({ failure: { code: 'upstream_unreachable' } });
    expect(proxy.calls).toEqual(['CONNECT oauth2.googleapis.com:443']);
  });

  it('are those of another cloud: a file of its identity is exchanged for a token', async () => {
    const subject = join(spoolFolder, 'subject-token');
    await writeFile(subject, 'identity-of-the-other-cloud');
    tokens.writeCredentials({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/one',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${tokens.upstream.url}/sts`,
      credential_source: { file: subject },
    });
    tokens.upstream.answerJson(200, toTokenAnswer('ya29.federated'));
    expect(await generate()).toMatchObject({ kind: 'pictures' });
    await generate();
    expect(upstream.received.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill('Bearer ya29.federated'),
    );
    expect(tokens.upstream.received).toHaveLength(1);
    expect(new URLSearchParams(tokens.upstream.received[0]?.body).get('subject_token')).toBe(
      'identity-of-the-other-cloud',
    );
  });

  it('become a service account’s where the file names one; the identity may come from an address, in JSON', async () => {
    tokens.writeCredentials({
      type: 'external_account',
      audience: 'a',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${tokens.upstream.url}/sts`,
      service_account_impersonation_url: `${tokens.upstream.url}/account:generateAccessToken`,
      credential_source: {
        url: `${tokens.upstream.url}/identity`,
        headers: { metadata: 'true' },
        format: { type: 'json', subject_token_field_name: 'token' },
      },
    });
    const expireTime = new Date(Date.now() + 3_600_000).toISOString();
    tokens.upstream.answer((response, { path }) => {
      const answers: Record<string, object> = {
        '/identity': { token: 'the-identity' },
        '/sts': toTokenAnswer('ya29.federated'),
        '/account:generateAccessToken': { accessToken: 'ya29.of-the-account', expireTime },
      };
      response.end(JSON.stringify(answers[path]));
    });
    expect(await generate()).toMatchObject({ kind: 'pictures' });
    expect(upstream.received[0]?.headers.authorization).toBe('Bearer ya29.of-the-account');
    const [identity, exchange, account] = tokens.upstream.received;
    expect(identity?.headers).toMatchObject({ metadata: 'true' });
    expect(new URLSearchParams(exchange?.body).get('subject_token')).toBe('the-identity');
    expect(account?.headers.authorization).toBe('Bearer ya29.federated');
  });

  it.each([
    [503, {}, 'upstream_unreachable'],
    [400, { error: 'invalid_grant', error_description: 'It has expired.' }, 'upstream_key_invalid'],
  ])('that are answered with %d are asked about once, and nothing is sent to the model', async (status, body, code) => {
    const subject = join(spoolFolder, 'subject-token');
    await writeFile(subject, 'geheim');
    tokens.writeCredentials({
      type: 'external_account',
      audience: 'a',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${tokens.upstream.url}/sts`,
      credential_source: { file: subject },
    });
    tokens.upstream.answerJson(status, body);
    const answer = await generate();
    expect(answer).toMatchObject({ failure: { code }, isPossiblyBilled: false });
    expect(JSON.stringify(answer)).not.toContain('geheim');
    expect([tokens.upstream.received.length, upstream.received.length]).toEqual([1, 0]);
  });
});

describe('without a token, nothing is sent to the model, and nothing is billed:', () => {
  afterEach(() => expect(upstream.received).toEqual([]));

  it.each([500, 503, 429])('a token service that answers %d is waited for', async (status) => {
    tokens.upstream.answerJson(status, {});
    expect(await generate()).toMatchObject({
      failure: { code: 'upstream_unreachable', message: expect.stringContaining(`HTTP ${status}`) },
      isPossiblyBilled: false,
    });
  });

  it('a token service that is down is waited for', async () => {
    await tokens.upstream.close();
    const answer = await generate();
    expect(answer).toMatchObject({ failure: { code: 'upstream_unreachable' }, isPossiblyBilled: false });
    expect(await model.check('gemini-3-pro-image', new AbortController().signal)).toMatchObject({
      failure: { message: expect.stringContaining('ECONNREFUSED') },
    });
  });

  it('a token service that is silent ends the call at its deadline, and an interruption at once', async () => {
    tokens.upstream.answer(() => {});
    expect(await generate({ timeoutMs: 100 })).toMatchObject({
      failure: { code: 'upstream_timeout' },
      isPossiblyBilled: false,
    });
    const shutdown = new AbortController();
    const answer = generate({}, shutdown.signal);
    shutdown.abort(new Error('The server stops.'));
    expect(await answer).toEqual({ kind: 'interrupted', isPossiblyBilled: false });
  });

  it('a key that Google does not know is the operator’s to replace', async () => {
    tokens.writeCredentials({ client_email: 'someone-else' });
    const answer = await generate();
    expect(answer).toMatchObject({
      failure: { code: 'upstream_key_invalid', upstreamMessage: 'invalid_grant: Invalid JWT.' },
    });
    tokens.writeCredentials();
  });

  it('a file that is no key is named, and not quoted', async () => {
    tokens.writeCredentials({ private_key: 'geheim' });
    const answer = await generate();
    expect(answer).toMatchObject({
      failure: { code: 'upstream_key_invalid', message: expect.stringContaining('credentials_file') },
    });
    expect(JSON.stringify(answer)).not.toContain('geheim');
  });
});

describe('a failure of Vertex AI', () => {
  const failures: readonly [number, string, string, string][] = [
    [429, 'RESOURCE_EXHAUSTED', 'Resource exhausted. Please try again later.', 'upstream_overloaded'],
    [
      429,
      'RESOURCE_EXHAUSTED',
      'Quota exceeded for aiplatform.googleapis.com/global_generate_content_requests_per_minute_per_project_per_base_model with base model: gemini-3-pro-image.',
      'upstream_rate_limited',
    ],
    [
      403,
      'PERMISSION_DENIED',
      "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/…' (or it may not exist).",
      'upstream_key_invalid',
    ],
    [403, 'PERMISSION_DENIED', 'This API method requires billing to be enabled.', 'upstream_billing'],
    [
      404,
      'NOT_FOUND',
      'Publisher Model `projects/p/locations/us-east5/publishers/google/models/m` was not found or your project does not have access to it.',
      'upstream_model_unavailable',
    ],
    [503, 'UNAVAILABLE', 'The service is currently unavailable.', 'upstream_overloaded'],
  ];
  it.each(failures)('%d %s "%.40s" is %s', async (status, word, message, code) => {
    upstream.answerJson(status, toErrorBody(status, word, message));
    expect(await generate()).toMatchObject({ kind: 'failed', failure: { code }, isPossiblyBilled: false });
  });

  it('quotes no token', async () => {
    upstream.answer((response, { headers }) => {
      response
        .writeHead(400)
        .end(JSON.stringify(toErrorBody(400, 'INVALID_ARGUMENT', `Bad: ${headers.authorization}`)));
    });
    const answer = await generate();
    expect(answer).toMatchObject({ failure: { upstreamMessage: 'Bad: Bearer [API key]' } });
  });
});
