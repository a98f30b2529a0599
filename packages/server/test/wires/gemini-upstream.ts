import sharp from 'sharp';
import { type Answerer, type ReceivedCall, ScriptedUpstream } from '../fakes/scripted-upstream.ts';

/** What the upstream answers: a text and a JPEG, each with its signature. */
export interface SignedAnswer {
  readonly text: string;
  readonly textSignature: string;
  readonly picture: string;
  readonly pictureSignature: string;
}

export async function drawJpeg(background: string): Promise<string> {
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background } });
  return (await picture.jpeg().toBuffer()).toString('base64');
}

export async function drawPng(background: string): Promise<string> {
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background } });
  return (await picture.png().toBuffer()).toString('base64');
}

/** An upstream that Darkroom takes for Google; every answer has other signatures. */
export async function startSignedUpstream() {
  const upstream = await ScriptedUpstream.start();
  const picture = await drawJpeg('#3a7');
  const answers: SignedAnswer[] = [];
  const settings = { GEMINI_API_KEY: 'a-test-key', GEMINI_BASE_URL: upstream.url };
  let delayMs = 0;
  const answerSigned: Answerer = (response, call) => {
    const number = answers.length + 1;
    const answer: SignedAnswer = {
      text: `Here is take ${number}.`,
      textSignature: Buffer.from(`the signature of text ${number}`).toString('base64'),
      picture,
      // With a stroke, which some writers of JSON escape: the signature travels as it was spelled.
      pictureSignature: `${Buffer.from(`the signature of picture ${number}`).toString('base64')}/+==`,
    };
    if (call.method === 'POST') answers.push(answer);
    const send = () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(toBody(answer)));
    setTimeout(send, call.method === 'POST' ? delayMs : 0);
  };
  upstream.answer(answerSigned);
  return {
    upstream,
    settings,
    answers,
    answerSigned: () => upstream.answer(answerSigned),
    delay: (ms: number) => {
      delayMs = ms;
    },
    /** The bodies of the calls that made pictures. */
    bodies: (): readonly GenerateBody[] =>
      upstream.received.filter(({ method }) => method === 'POST').map(({ body }: ReceivedCall) => JSON.parse(body)),
    stop: () => upstream.close(),
  };
}

export interface GenerateBody {
  readonly contents: readonly { readonly role: string; readonly parts: readonly Record<string, unknown>[] }[];
  readonly generationConfig: Readonly<Record<string, unknown>>;
}

function toBody({ text, textSignature, picture, pictureSignature }: SignedAnswer): object {
  return {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text, thoughtSignature: textSignature },
            { inlineData: { mimeType: 'image/jpeg', data: picture }, thoughtSignature: pictureSignature },
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: 10,
      candidatesTokenCount: 1_130,
      thoughtsTokenCount: 200,
      totalTokenCount: 1_340,
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1_120 }],
    },
    modelVersion: 'gemini-3-pro-image',
    responseId: 'of-the-upstream',
  };
}
