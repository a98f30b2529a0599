import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { toAnswerBody } from './recorded-answers.ts';
import { type ReceivedCall, ScriptedUpstream } from './scripted-upstream.ts';

/** An upstream whose every picture is another one, with its own signature, and that keeps the bodies it received. */
export interface SigningUpstream {
  readonly settings: { readonly GEMINI_API_KEY: string; readonly GEMINI_BASE_URL: string };
  readonly received: readonly ReceivedCall[];
  /** The base64 of the signature of the picture of this call, from 0. */
  signatureOf(call: number): string;
  /** Answers take this long from now on. */
  delayMs: number;
  close(): Promise<void>;
}

export async function startSigningUpstream(): Promise<SigningUpstream> {
  const upstream = await ScriptedUpstream.start();
  const signatureOf = (call: number) => Buffer.from(`the signature of picture ${call}`).toString('base64');
  const running: SigningUpstream = {
    settings: { GEMINI_API_KEY: 'a-test-key', GEMINI_BASE_URL: upstream.url },
    received: upstream.received,
    signatureOf,
    delayMs: 0,
    close: () => upstream.close(),
  };
  const answer = async (call: number) => {
    const background = { r: call % 256, g: 40, b: 200 };
    const picture = await sharp({ create: { width: 16, height: 16, channels: 3, background } })
      .png()
      .toBuffer();
    await sleep(running.delayMs);
    const inlineData = { mimeType: 'image/png', data: picture.toString('base64') };
    const text = { text: `Picture ${call}.`, thoughtSignature: signatureOf(call) };
    return JSON.stringify(toAnswerBody([text, { inlineData, thoughtSignature: signatureOf(call) }]));
  };
  upstream.answer((response, { body }) => {
    if (body.includes('[[blocked]]')) {
      const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: {} };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(blocked));
      return;
    }
    void answer(upstream.received.length).then((text) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    );
  });
  return running;
}
