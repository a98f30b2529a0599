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

  it('needs no settings: the sandbox draws without any', () => {
    expect(load()).toMatchObject({
      port: 4600,
      host: '127.0.0.1',
      upstreams: [{ kind: 'sandbox', name: 'sandbox', limits: {} }],
      lostAnswerRetries: 1,
      maxQueued: 100_000,
      requestsPerMinute: undefined,
      minFreeDiskBytes: 512 * 2 ** 20,
      minFreeMemoryBytes: 64 * 2 ** 20,
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
    expect(load({ GOOGLE_API_KEY: 'second-key' }).upstreams).toMatchObject([
      { kind: 'account', provider: 'google', name: 'google', apiKey: 'second-key' },
    ]);
    expect(load({ GOOGLE_API_KEY: 'second-key', GEMINI_API_KEY: 'first-key' }).upstreams).toMatchObject([
      { apiKey: 'first-key' },
    ]);
    expect(load({ GEMINI_API_KEY: 'first-key', DARKROOM_UPSTREAM: 'sandbox' }).upstreams).toMatchObject([
      { kind: 'sandbox' },
    ]);
  });

  it('reads origins and aliases separated by commas', () => {
    expect(load({})).toMatchObject({ corsOrigins: ['*'], modelAliases: new Map(), keepAliveMs: 40_000 });
    const given = {
      DARKROOM_CORS_ORIGINS: 'https://a.example/, http://localhost:3000',
      DARKROOM_MODEL_ALIASES: 'a=b,c=d',
    };
    expect(load(given)).toMatchObject({
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
      modelAliases: new Map([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    });
    expect(() => load({ DARKROOM_CORS_ORIGINS: 'a.example' })).toThrow('DARKROOM_CORS_ORIGINS');
  });

  it('believes only reverse proxies that are addresses or networks', () => {
    expect(load().trustedProxies).toEqual([]);
    const DARKROOM_TRUSTED_PROXIES = '127.0.0.1, 10.0.0.0/8,fd00::/8';
    expect(load({ DARKROOM_TRUSTED_PROXIES }).trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
    for (const wrong of ['proxy.internal', '10.0.0.0/33', '*', '10.0.0.0/8/8'])
      expect(() => load({ DARKROOM_TRUSTED_PROXIES: wrong })).toThrow('DARKROOM_TRUSTED_PROXIES[0] must be addresses');
  });

  it('reads proxies as other programs do, in small letters first', () => {
    expect(load()).toMatchObject({ proxies: { httpsProxy: undefined, httpProxy: undefined, noProxy: [] } });
    const env = { HTTPS_PROXY: 'http://one.test:1', https_proxy: 'two.test:3128', NO_PROXY: 'a.test, 10.0.0.0/8' };
    expect(load({ ...env, http_proxy: 'https://name:secret@three.test' })).toMatchObject({
      proxies: {
        httpsProxy: 'http://two.test:3128',
        httpProxy: 'https://name:secret@three.test',
        noProxy: ['a.test', '10.0.0.0/8'],
      },
      proxyReferences: false,
    });
    expect(load({ DARKROOM_PROXY_REFERENCES: 'true' }).proxyReferences).toBe(true);
    expect(() => load({ HTTPS_PROXY: 'socks5://secret.test' })).toThrow(/^(?!.*secret).*HTTPS_PROXY must be/s);
  });

  it('asks nobody about requests unless there is an address to ask', () => {
    expect(load().moderation).toBeUndefined();
    const DARKROOM_MODERATION_URL = 'http://moderator.internal:8090/judge';
    expect(load({ DARKROOM_MODERATION_URL }).moderation).toEqual({
      url: DARKROOM_MODERATION_URL,
      secret: undefined,
      timeoutMs: 10_000,
      failOpen: false,
      asksPictures: false,
    });
    writeFile('{"DARKROOM_MODERATION_PICTURES": true, "DARKROOM_MODERATION_FAILS": "open"}');
    expect(load({ DARKROOM_MODERATION_URL }).moderation).toMatchObject({ asksPictures: true, failOpen: true });
    expect(() => load()).toThrow('DARKROOM_MODERATION_URL is not set');
    expect(() => load({ DARKROOM_MODERATION_URL, DARKROOM_MODERATION_SECRET: 'whsec_short' })).toThrow(
      'DARKROOM_MODERATION_SECRET must be whsec_ and',
    );
  });

  it('lets people sign in through a provider, and names everything that is missing for it', () => {
    expect(load().signIn).toEqual({
      openId: undefined,
      sessionIdleMs: 2 * 3_600_000,
      sessionLifetimeMs: 12 * 3_600_000,
      retainSessionsMs: 30 * 24 * 3_600_000,
    });
    const DARKROOM_OIDC_ISSUER = 'https://login.example/realms/acme';
    const DARKROOM_OIDC_GROUPS = '[{"group": "painters", "role": "member"}]';
    const credentials = { DARKROOM_OIDC_CLIENT_ID: 'darkroom', DARKROOM_OIDC_CLIENT_SECRET: 'geheim-geheim' };
    const complete = { DARKROOM_OIDC_ISSUER, DARKROOM_OIDC_GROUPS, ...credentials };
    expect(load({ ...complete, DARKROOM_OIDC_DOMAINS: 'Acme.example, acme.org' }).signIn.openId).toEqual({
      name: 'login.example',
      issuer: DARKROOM_OIDC_ISSUER,
      clientId: 'darkroom',
      clientSecret: 'geheim-geheim',
      scopes: 'openid profile email',
      rules: {
        groupsClaim: 'groups',
        groups: [{ group: 'painters', organization: 'default', role: 'member' }],
        domains: ['acme.example', 'acme.org'],
      },
    });
    expect(() => load({ DARKROOM_OIDC_ISSUER })).toThrow(
      /CLIENT_ID is not set.*CLIENT_SECRET is not set.*GROUPS is not set/s,
    );
    expect(() => load({ DARKROOM_OIDC_NAME: 'Acme', ...credentials })).toThrow(
      'DARKROOM_OIDC_ISSUER is not set, so DARKROOM_OIDC_CLIENT_ID, DARKROOM_OIDC_CLIENT_SECRET, DARKROOM_OIDC_NAME has',
    );
  });

  it.each([
    ['DARKROOM_OIDC_ISSUER', 'http://login.example', 'must be the https URL'],
    ['DARKROOM_OIDC_ISSUER', 'http://localhost.evil.example', 'must be the https URL'],
    ['DARKROOM_OIDC_GROUPS', 'painters', 'must be a JSON list'],
    ['DARKROOM_OIDC_GROUPS', '[]', 'must name at least one group'],
    ['DARKROOM_OIDC_GROUPS', '[{"group": "a", "role": "boss"}]', '[0].role must be one of viewer, member, admin'],
    ['DARKROOM_OIDC_GROUPS', '[{"group": "a", "organization": "a b", "role": "admin"}]', '[0].organization must be'],
    ['DARKROOM_OIDC_DOMAINS', 'acme.example,nonsense', 'must be domains'],
    ['DARKROOM_OIDC_SCOPES', 'profile email', 'openid among them'],
    ['DARKROOM_SESSION_IDLE', '1m', 'must be a time of at least 5m'],
  ])('refuses %s=%s', (name, value, sentence) => {
    expect(() => load({ [name]: value })).toThrow(sentence);
  });

  it('treats an empty variable as not set', () => {
    expect(load({ GEMINI_API_KEY: '', PORT: '' })).toMatchObject({ port: 4600, upstreams: [{ kind: 'sandbox' }] });
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

  it('refuses variables that look like settings but are not, and suggests the name that was probably meant', () => {
    const attempt = () =>
      load({
        DARKROOM_CONCURENCY: '4',
        DARKROOM_API_KEYS: 'geheimer-schluessel',
        DARKROOM_COLOUR: 'blau',
        PORT: 'eighty',
      });
    for (const problem of [
      'DARKROOM_CONCURENCY is not a setting: did you mean DARKROOM_CONCURRENCY?',
      'DARKROOM_API_KEYS is not a setting: did you mean DARKROOM_API_KEY?',
      'DARKROOM_COLOUR is not a setting: the settings are PORT, HOST',
      'PORT must be',
    ])
      expect(attempt).toThrow(problem);
    expect(attempt).not.toThrow(/geheim|blau|eighty/);
    writeFile('{"DARKROOM_CONCURENCY": 4}');
    expect(load).toThrow('an unknown setting DARKROOM_CONCURENCY: did you mean DARKROOM_CONCURRENCY?');
  });

  it('ignores the service variables of Kubernetes, and the variables of programs beside it', () => {
    load({
      DARKROOM_SERVICE_HOST: '10.0.0.1',
      DARKROOM_API_SERVICE_PORT_HTTP: '4600',
      DARKROOM_PORT: 'tcp://10.0.0.1:4600',
      DARKROOM_PORT_4600_TCP_ADDR: '10.0.0.1',
      DARKROOM_URL: 'http://127.0.0.1:4600',
      DARKROOM_WEBHOOK_SECRET: 'whsec_x',
    });
    expect(() => load({ DARKROOM_PORT: '4601' })).toThrow('DARKROOM_PORT is not a setting');
  });

  it('refuses keys that cannot be sent in a header, by name', () => {
    for (const key of ['a key with spaces', 'ein-schlüssel', 'a-key\nin-two-lines']) {
      for (const name of ['DARKROOM_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY'])
        expect(() => load({ [name]: key })).toThrow(`${name} must have only visible ASCII characters`);
      expect(() => load({ DARKROOM_UPSTREAMS: JSON.stringify([{ name: 'main', api_key: key }]) })).toThrow(
        'DARKROOM_UPSTREAMS[0].api_key must have only visible ASCII',
      );
    }
  });

  it('reserves the name of the sandbox for the sandbox', () => {
    const entry = { name: 'sandbox', api_key: 'key-of-sandbox' };
    expect(() => load({ DARKROOM_UPSTREAMS: JSON.stringify([entry]) })).toThrow('name must not be sandbox');
  });

  it('distinguishes a sandbox that was chosen from one that draws because there is no key', () => {
    expect(load().upstreams).toMatchObject([{ isChosen: false }]);
    expect(load({ DARKROOM_UPSTREAM: 'sandbox' }).upstreams).toMatchObject([{ isChosen: true }]);
  });

  it('names the key that Google requires', () => {
    expect(() => load({ DARKROOM_UPSTREAM: 'google' })).toThrow('needs GEMINI_API_KEY');
  });

  describe('of several upstreams', () => {
    const list = [
      { name: 'main', api_key: 'key-of-main', requests_per_minute: 20, dollars_per_ten_minutes: 1.5 },
      {
        name: 'spare',
        api_key: 'key-of-spare',
        base_url: 'http://127.0.0.1:9/',
        concurrency: 2,
        requests_per_day: 250,
      },
    ];
    const upstreams = [
      {
        kind: 'account',
        provider: 'google',
        apiVersion: 'v1beta',
        name: 'main',
        apiKey: 'key-of-main',
        baseUrl: 'https://generativelanguage.googleapis.com',
        limits: { requestsPerMinute: 20, microsPerTenMinutes: 1_500_000 },
      },
      {
        kind: 'account',
        provider: 'google',
        apiVersion: 'v1beta',
        name: 'spare',
        apiKey: 'key-of-spare',
        baseUrl: 'http://127.0.0.1:9',
        limits: { concurrency: 2, requestsPerDay: 250 },
      },
    ];
    const loadList = (value: unknown) => () => load({ DARKROOM_UPSTREAMS: JSON.stringify(value) });

    it('is read as JSON from the environment, and as a list from the file', () => {
      const env = { DARKROOM_CONCURRENCY: '6' };
      expect(load({ ...env, DARKROOM_UPSTREAMS: JSON.stringify(list) }).upstreams).toEqual(upstreams);
      writeFile(JSON.stringify({ DARKROOM_UPSTREAMS: list }));
      expect(load(env).upstreams).toEqual(upstreams);
    });

    it('refuses a separate key, and says so', () => {
      expect(() => load({ DARKROOM_UPSTREAMS: JSON.stringify(list), GEMINI_API_KEY: 'one-key-more' })).toThrow(
        'DARKROOM_UPSTREAMS and GEMINI_API_KEY are both set',
      );
    });

    it('names every wrong entry and key, and never a value', () => {
      const attempt = loadList([
        { name: 'Grand Main', api_key: 'geheim', concurrency: 0 },
        { name: 'spare', api_key: 'geheimer-schluessel', requests_per_hour: 5, requests_per_day: 'viele' },
        'verborgen',
      ]);
      for (const problem of [
        'DARKROOM_UPSTREAMS[0].name must have',
        'DARKROOM_UPSTREAMS[0].api_key must have at least 8',
        'DARKROOM_UPSTREAMS[0].concurrency must be a whole number',
        'DARKROOM_UPSTREAMS[1] has the unknown key requests_per_hour',
        'DARKROOM_UPSTREAMS[1].requests_per_day must be a whole number',
        'DARKROOM_UPSTREAMS[2] must be an object',
      ]) {
        expect(attempt).toThrow(problem);
      }
      expect(attempt).not.toThrow(/Grand|geheim|viele|verborgen/);
    });

    it.each(['{"name": "main"}', '[]', 'AIza-verborgen', '3'])(
      'refuses what is not a list of upstreams: %s',
      (text) => {
        const attempt = () => load({ DARKROOM_UPSTREAMS: text });
        expect(attempt).toThrow('DARKROOM_UPSTREAMS must be a JSON list');
        expect(attempt).not.toThrow('verborgen');
      },
    );

    it('takes projects of Vertex AI, with a file of credentials or without', () => {
      const file = path.join(folder, 'service-account.json');
      writeFileSync(file, '{}');
      const cloud = { name: 'cloud', provider: 'vertex', project: 'my-project', person_generation: 'allow_none' };
      const entries = [cloud, { ...cloud, name: 'keyed', location: 'europe-west4', credentials_file: file }];
      expect(load({ DARKROOM_UPSTREAMS: JSON.stringify(entries) }).upstreams).toMatchObject([
        { provider: 'vertex', apiKey: '', project: 'my-project', personGeneration: 'allow_none' },
        { location: 'europe-west4', credentialsFile: file },
      ]);
    });

    it('says which of an account’s keys belong to Vertex AI, and never a value', () => {
      const attempt = loadList([
        { name: 'cloud', provider: 'vertex', api_key: 'geheimer-schluessel', credentials_file: '/verborgen' },
        { name: 'main', project: 'geheim', location: 'verborgen' },
      ]);
      for (const problem of [
        'DARKROOM_UPSTREAMS[0].project is missing',
        'DARKROOM_UPSTREAMS[0].api_key must be left out',
        'DARKROOM_UPSTREAMS[0].credentials_file must be the path of a file that can be read',
        'DARKROOM_UPSTREAMS[1].api_key is missing',
        'DARKROOM_UPSTREAMS[1].project is only for upstreams with "provider": "vertex"',
        'DARKROOM_UPSTREAMS[1].location is only for upstreams',
      ]) {
        expect(attempt).toThrow(problem);
      }
      expect(attempt).not.toThrow(/geheim|verborgen/);
    });

    it('refuses the same name twice', () => {
      const attempt = loadList([list[0], { ...list[1], name: 'main' }]);
      expect(attempt).toThrow('DARKROOM_UPSTREAMS[1].name must be unique');
    });
  });

  describe('of the database', () => {
    it('is SQLite by default, and PostgreSQL with its URL', () => {
      expect(load().databaseUrl).toBeUndefined();
      for (const url of ['postgres://me:geheim@db.example:5432/pictures', 'postgresql://db.example/x?sslmode=require'])
        expect(load({ DATABASE_URL: url }).databaseUrl).toBe(url);
    });

    it.each(['mysql://me:geheim@db.example/x', 'postgres://me:geheim@db.example', 'geheim'])('refuses %s', (url) => {
      const attempt = () => load({ DATABASE_URL: url });
      expect(attempt).toThrow('DATABASE_URL must be a PostgreSQL URL');
      expect(attempt).not.toThrow(/geheim|example/);
    });
  });

  describe('of the storage', () => {
    it.each([
      ['disk', { kind: 'disk' }],
      ['s3://pictures', { kind: 's3', bucket: 'pictures', prefix: '', forcePathStyle: false }],
      [
        's3://pictures/dark/room/?region=eu-central-1&endpoint=http://127.0.0.1:9000/&public_url=https://cdn.example/',
        {
          kind: 's3',
          bucket: 'pictures',
          prefix: 'dark/room',
          region: 'eu-central-1',
          endpoint: 'http://127.0.0.1:9000',
          forcePathStyle: true,
          publicUrl: 'https://cdn.example',
        },
      ],
      [
        's3://pictures?endpoint=https://s3.example&path_style=false&signed_url_seconds=600',
        {
          kind: 's3',
          bucket: 'pictures',
          prefix: '',
          endpoint: 'https://s3.example',
          forcePathStyle: false,
          signedUrlSeconds: 600,
        },
      ],
      [
        'gs://pictures/dark?signed_url_seconds=600&public_url=https://cdn.example/dark',
        {
          kind: 'gcs',
          bucket: 'pictures',
          prefix: 'dark',
          publicUrl: 'https://cdn.example/dark',
          signedUrlSeconds: 600,
        },
      ],
    ])('reads %s', (text, storage) => {
      expect(load({ DARKROOM_STORAGE: text }).storage).toEqual(storage);
    });

    it.each([
      ['ftp://pictures', 'must be disk, s3://'],
      ['bucket', 'must be disk, s3://'],
      ['s3://', 'must be disk, s3://|has no valid bucket name'],
      ['s3://Grand_Bucket!', 'must be disk, s3://|has no valid bucket name'],
      ['s3://geheim:geheim@pictures', 'must not hold credentials'],
      ['s3://pictures/a//b', 'has a wrong prefix'],
      ['s3://pictures?secret=geheim', 'has an unknown option; the options are endpoint'],
      ['s3://pictures?path_style=geheim', 'has a wrong path_style'],
      ['s3://pictures?signed_url_seconds=3', 'has wrong signed_url_seconds'],
      ['gs://pictures?region=geheim', 'has an unknown option'],
      ['gs://pictures?endpoint=geheim', 'has a wrong endpoint'],
    ])('refuses %s and says why', (text, sentence) => {
      const attempt = () => load({ DARKROOM_STORAGE: text });
      expect(attempt).toThrow(new RegExp(`DARKROOM_STORAGE (${sentence})`));
      expect(attempt).not.toThrow('geheim');
    });
  });

  it('gives a process one role, and requires the address in webhooks for a worker', () => {
    expect(load().role).toBe('all');
    expect(load({ DARKROOM_ROLE: 'api' }).role).toBe('api');
    expect(() => load({ DARKROOM_ROLE: 'worker' })).toThrow('needs DARKROOM_PUBLIC_URL');
    const DARKROOM_PUBLIC_URL = 'https://pictures.example';
    expect(load({ DARKROOM_ROLE: 'worker', DARKROOM_PUBLIC_URL }).role).toBe('worker');
    expect(() => load({ DARKROOM_ROLE: 'boss' })).toThrow('DARKROOM_ROLE must be all, api or worker');
  });

  it.each(['{', '[]', '3', 'null'])('refuses a file that is not an object of settings: %s', (content) => {
    writeFile(content);
    expect(() => load()).toThrow('darkroom.config.json');
  });
});
