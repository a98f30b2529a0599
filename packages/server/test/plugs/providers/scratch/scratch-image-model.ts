import { createWriteStream, openAsBlob } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Failure } from '../../../../src/core/failures.ts';
import type {
  AnswerFacts,
  ImageAnswer,
  ImageCall,
  TurnPart,
  UpstreamCheck,
} from '../../../../src/providers/image-model.ts';
import type { Account, ConnectedModel } from '../../../../src/providers/provider.ts';

/** Speaks to the scratch engine: a form goes out, and the bare bytes of a PNG come back. */
export class ScratchImageModel implements ConnectedModel {
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  async generate(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    const file = path.join(call.spoolFolder, 'picture');
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(call.timeoutMs)]);
      const response = await this.#send(await toForm(call), limit);
      if (!response.ok || !response.body) return { kind: 'failed', ...(await toFailure(response)) };
      await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
      const { size: bytes } = await stat(file);
      const picture = { kind: 'picture', file: { path: file, bytes }, declaredMimeType: 'image/png' } as const;
      return { kind: 'pictures', parts: [picture], ...toFacts(response) };
    } catch (error) {
      await rm(file, { force: true });
      if (signal.aborted) return { kind: 'interrupted', isPossiblyBilled: true };
      const failure: Failure = { code: 'upstream_connection_lost', message: `The engine broke off: ${String(error)}` };
      return { kind: 'failed', failure, isPossiblyBilled: true };
    }
  }

  async check(upstreamModel: string): Promise<UpstreamCheck> {
    if (upstreamModel === 'sketcher') return { kind: 'ready' };
    return { kind: 'failed', failure: { code: 'upstream_model_unavailable', message: 'The engine has one model.' } };
  }

  async close(): Promise<void> {
    // Connections belong to the runtime's fetch.
  }

  #send(body: FormData, signal: AbortSignal): Promise<Response> {
    const { baseUrl, apiKey } = this.#account;
    return fetch(`${baseUrl}/draw`, { method: 'POST', headers: { 'x-engine-key': apiKey }, body, signal });
  }
}

async function toForm({ turns, parameters }: ImageCall): Promise<FormData> {
  const parts = turns.flatMap((turn) => turn.parts);
  const form = new FormData();
  form.set('words', parts.flatMap((part) => (part.kind === 'text' ? part.text : [])).join(' / '));
  form.set('size', String(parameters['imageSize']));
  form.set('ratio', String(parameters['aspectRatio']));
  for (const { file } of parts.filter(isPicture)) form.append('pictures', await openAsBlob(file.path));
  return form;
}

function isPicture(part: TurnPart): part is Extract<TurnPart, { readonly kind: 'picture' }> {
  return part.kind === 'picture';
}

function toFacts({ headers }: Response): AnswerFacts {
  const imageTokens = Number(headers.get('x-inks'));
  const usage = { promptTokens: 0, textTokens: 0, thoughtTokens: 0, imageTokens, totalTokens: imageTokens };
  return { usage, modelVersion: 'sketcher-1.0' };
}

async function toFailure(
  response: Response,
): Promise<{ readonly failure: Failure; readonly isPossiblyBilled: boolean }> {
  const message = (await response.text()).slice(0, 200);
  const facts = { message, upstreamStatus: response.status, upstreamMessage: message };
  switch (response.status) {
    case 422:
      return { failure: { code: 'prompt_blocked', ...facts }, isPossiblyBilled: false };
    case 503:
      return { failure: { code: 'upstream_overloaded', ...facts }, isPossiblyBilled: false };
    default:
      return { failure: { code: 'upstream_error', ...facts }, isPossiblyBilled: false };
  }
}
