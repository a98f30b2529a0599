import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedUpstream } from './scripted-upstream.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const serviceAccount = 'darkroom@my-project.iam.gserviceaccount.com';

/** Google's token service for tests, with a service account: it checks what is claimed as Google does. */
export class TokenService {
  readonly credentialsFile: string;
  readonly upstream: ScriptedUpstream;
  /** How far its clock is ahead of this machine's. */
  skewMs = 0;
  lifetimeSeconds = 3600;
  /** The number of tokens that it gave. */
  given = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tokens-'));

  static async start(): Promise<TokenService> {
    return new TokenService(await ScriptedUpstream.start());
  }

  private constructor(upstream: ScriptedUpstream) {
    this.upstream = upstream;
    this.credentialsFile = join(this.#folder, 'service-account.json');
    this.writeCredentials();
    this.work();
  }

  /** The token that was given last. */
  get token(): string {
    return `ya29.token-${this.given}`;
  }

  writeCredentials(changes: object = {}): void {
    const token_uri = `${this.upstream.url}/token`;
    const key = { type: 'service_account', client_email: serviceAccount, private_key: privateKey, token_uri };
    writeFileSync(this.credentialsFile, JSON.stringify({ ...key, private_key_id: 'key-1', ...changes }));
  }

  /** From now on it answers; before, a test may have made it fail. */
  work(): void {
    this.upstream.answer((response, { method, body }) => {
      const problem = method === 'POST' ? this.#findProblem(body) : undefined;
      if (problem === undefined) this.given += 1;
      const answer =
        problem === undefined
          ? { access_token: this.token, expires_in: this.lifetimeSeconds, token_type: 'Bearer' }
          : { error: 'invalid_grant', error_description: problem };
      const date = new Date(Date.now() + this.skewMs).toUTCString();
      response.writeHead(problem === undefined ? 200 : 400, { 'content-type': 'application/json', date });
      response.end(JSON.stringify(answer));
    });
  }

  async close(): Promise<void> {
    await this.upstream.close();
    rmSync(this.#folder, { recursive: true });
  }

  #findProblem(form: string): string | undefined {
    const assertion = new URLSearchParams(form).get('assertion') ?? '';
    const [header = '', claims = '', signature = ''] = assertion.split('.');
    const isSigned = verify(
      'sha256',
      Buffer.from(`${header}.${claims}`),
      publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) return 'Invalid JWT Signature.';
    const { iss, aud, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    if (iss !== serviceAccount || aud !== `${this.upstream.url}/token`) return 'Invalid JWT.';
    const now = (Date.now() + this.skewMs) / 1000;
    return iat > now + 60 || exp < now || exp - iat > 3600
      ? 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.'
      : undefined;
  }
}
