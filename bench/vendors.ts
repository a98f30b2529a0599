import { TokenService } from '../packages/server/test/fakes/token-service.ts';
import { callUpstream } from './direct-call.ts';

/** A vendor whose pictures the bench receives; the sandbox takes the part of each. */
export interface Vendor {
  readonly name: string;
  readonly model: string;
  /** Do its answers bring thought signatures? */
  readonly isSigned: boolean;
  /** Calls the sandbox directly, without Darkroom, for a JPEG. Rejects unless the answer is a 200. */
  call(sandbox: string, prompt: string): Promise<Response>;
  /** Sets an account up. */
  open(sandbox: string): Promise<Account>;
}

export interface Account extends AsyncDisposable {
  /** The settings that make Darkroom call the sandbox by this account. */
  readonly settings: Readonly<Record<string, string>>;
}

const gemini = { model: 'gemini-3-pro-image', isSigned: true, call: callUpstream };

export const vendors: readonly Vendor[] = [
  {
    ...gemini,
    name: 'Google',
    open: async (base_url) => toAccount({ provider: 'google', api_key: 'bench-key', base_url }),
  },
  {
    ...gemini,
    name: 'Vertex AI',
    open: async (base_url) => {
      const tokens = await TokenService.start();
      const { credentialsFile: credentials_file } = tokens;
      const entry = { provider: 'vertex', project: 'bench', credentials_file, base_url };
      return toAccount(entry, () => tokens.close());
    },
  },
  {
    name: 'OpenAI',
    model: 'gpt-image-2',
    isSigned: false,
    call: callOpenai,
    open: async (sandbox) => toAccount({ provider: 'openai', api_key: 'bench-key', base_url: `${sandbox}/v1` }),
  },
];

function toAccount(entry: object, close: () => Promise<void> = async () => undefined): Account {
  const settings = { DARKROOM_UPSTREAMS: JSON.stringify([{ name: 'bench', ...entry }]) };
  return { settings, [Symbol.asyncDispose]: close };
}

async function callOpenai(sandbox: string, prompt: string): Promise<Response> {
  const response = await fetch(`${sandbox}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench-key' },
    body: JSON.stringify({ model: 'gpt-image-2', prompt, size: '1024x1024', output_format: 'jpeg' }),
  });
  if (response.ok) return response;
  throw new Error(`The sandbox answered a direct call with ${response.status}: ${await response.text()}`);
}
