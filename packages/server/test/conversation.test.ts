import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ContentsTurn,
  fromCopiedReference,
  type RequestRecord,
  type SuccessOutcomeRecord,
} from '@darkroom/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { DarkroomProcess } from './darkroom-process.ts';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';

/** References and conversations over HTTP, with the strict sandbox. */

let darkroom: TestServer;
let pictures: Server;
let picturesUrl: string;
let png: Buffer;

beforeAll(async () => {
  png = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#3b82f6' } })
    .png()
    .toBuffer();
  pictures = createServer((request, response) => {
    if (request.url !== '/blue.png') return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': 'image/png' }).end(png);
  });
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  picturesUrl = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`; // it listens on TCP
  darkroom = await startServer({ DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' }, { illustrate: drawPlain });
});
afterAll(async () => {
  await darkroom.stop();
  await new Promise((resolve) => pictures.close(resolve));
});

const panda = { prompt: 'A panda making latte art in a cozy cafe', image_size: '1K', aspect_ratio: '1:1' } as const;

async function make(payload: Record<string, unknown>): Promise<RequestRecord> {
  const { request_id } = await darkroom.client.submit({ payload });
  return darkroom.client.wait(request_id);
}

async function succeed(payload: Record<string, unknown>): Promise<SuccessOutcomeRecord> {
  const record = await make(payload);
  expect(record.error).toBeUndefined();
  return record.outcome as SuccessOutcomeRecord;
}

/** Copies what the seed says to copy, and fills in the last turn; drops every key that the seed does not have. */
function toNextTurn({ next_turn_contents }: SuccessOutcomeRecord, text: string): ContentsTurn[] {
  const turns: ContentsTurn[] = JSON.parse(JSON.stringify(next_turn_contents));
  return [...turns.slice(0, -1), { role: 'user', parts: [{ text }] }];
}

describe('the sandbox', () => {
  let withPlainPictures: TestServer;
  beforeAll(async () => {
    withPlainPictures = darkroom;
    darkroom = await startServer();
  });
  afterAll(async () => {
    await darkroom.stop();
    darkroom = withPlainPictures;
  });

  it('draws different pictures for one request, and also for an edit', async () => {
    const three = { ...panda, prompt: 'A fox reading a newspaper [[sandbox size=256x256]]', number_of_images: 3 };
    const first = await succeed(three);
    const edit = 'make it night [[sandbox size=256x256]]';
    const edited = await succeed({ ...three, prompt: edit, contents: toNextTurn(first, edit) });
    for (const { media_urls } of [first, edited]) {
      const bytes = await Promise.all(
        media_urls.map(async ({ url }) => Buffer.from(await (await fetch(url)).arrayBuffer())),
      );
      expect(new Set(bytes.map((one) => one.toString('base64'))).size).toBe(3);
    }
  });
});

describe('next_turn_contents', () => {
  it("has the seed's shape: the conversation, the answer with exactly the same URL, a turn to fill in", async () => {
    const outcome = await succeed(panda);
    expect(outcome.next_turn_contents).toEqual([
      { role: 'user', parts: [{ text: panda.prompt }] },
      {
        role: 'model',
        parts: [
          { text: expect.any(String) },
          { fileData: { mimeType: 'image/png', fileUri: outcome.media_urls[0]?.url } },
        ],
      },
      { role: 'user', parts: [{ text: '' }, { fileData: { mimeType: 'image/png', fileUri: '' } }] },
    ]);
    expect(JSON.stringify(outcome)).not.toMatch(/signature/i);
  });

  it('continues the conversation when it is copied and filled in, ten turns long', async () => {
    let outcome = await succeed(panda);
    for (const [index, text] of [
      'Change the panda to a brown bear and make the cup blue',
      ...Array(8).fill('Add a cat'),
    ].entries()) {
      outcome = await succeed({
        contents: toNextTurn(outcome, `${text} ${index}`),
        image_size: '1K',
        aspect_ratio: '1:1',
      });
    }
    expect(outcome.next_turn_contents).toHaveLength(21);
    expect(outcome.left_out_turns).toBeUndefined();
  });

  it('lets a conversation branch from any earlier turn', async () => {
    const first = await succeed(panda);
    const second = await succeed({ contents: toNextTurn(first, 'Make the cup blue') });
    const branch = await succeed({ contents: toNextTurn(first, 'Make it night') });
    expect(branch.next_turn_contents).toHaveLength(second.next_turn_contents.length);
    expect(branch.next_turn_contents[2]?.parts).toEqual([{ text: 'Make it night' }]);
  });

  it('is understood with the empty template still in it, and in snake_case', async () => {
    const { next_turn_contents, media_urls } = await succeed(panda);
    const template = next_turn_contents.at(-1)?.parts ?? [];
    const contents = [
      { role: 'user', parts: [{ text: panda.prompt }] },
      { role: 'model', parts: [{ file_data: { mime_type: 'image/png', file_uri: media_urls[0]?.url } }] },
      { role: 'user', parts: [{ text: 'Make the cup blue' }, ...template.slice(1)] },
    ];
    await succeed({ contents });
  });

  it('says which turns were left out when there are more pictures than the upstream accepts', async () => {
    const [media] = (await succeed(panda)).media_urls;
    const exchange = [
      { role: 'user', parts: [{ text: 'again' }] },
      { role: 'model', parts: [{ fileData: { fileUri: media?.url } }] },
    ];
    const contents = [...Array(17).fill(exchange).flat(), { role: 'user', parts: [{ text: 'and now a hat' }] }];
    const outcome = await succeed({ contents });
    expect(outcome.left_out_turns).toEqual([0, 1, 2, 3, 4, 5]);
    expect(outcome.next_turn_contents).toHaveLength(contents.length + 2);
  });
});

describe('a conversation', () => {
  it('continues after a restart, on another port', { timeout: 60_000 }, async () => {
    const server = await DarkroomProcess.start();
    try {
      const before = await server.client();
      const first = await before.wait((await before.submit({ payload: panda })).request_id);
      await server.end();
      await server.restart();
      const client = await server.client();
      const contents = toNextTurn(
        first.outcome as SuccessOutcomeRecord,
        'Change the panda to a brown bear and make the cup blue',
      );
      const { request_id } = await client.submit({ payload: { contents, image_size: '1K', aspect_ratio: '1:1' } });
      const second = await client.wait(request_id);
      expect([second.status, second.error]).toEqual(['success', undefined]);
      await server.end();
      const store = openSqliteStore({ file: `${server.dataDir}/darkroom.db` });
      // One call: the signature was right, and no picture had to be offered again as a reference.
      expect(await store.requests.attempts('default', request_id)).toHaveLength(1);
      await store.close();
    } finally {
      await server.remove();
    }
  });
});

describe('previous_request_id', () => {
  it('continues any request that succeeded with only the new prompt', async () => {
    const first = await make(panda);
    const second = await make({ prompt: 'Make the cup blue', previous_request_id: first.request_id });
    const third = await succeed({ prompt: 'Add a cat', previous_request_id: second.request_id });
    expect(third.next_turn_contents.map(({ role }) => role)).toEqual([
      'user',
      'model',
      'user',
      'model',
      'user',
      'model',
      'user',
    ]);
    await succeed({ prompt: 'Make it night', previous_request_id: first.request_id });
  });

  it('continues with the picture that previous_image names, or with the first', async () => {
    const first = await make({ ...panda, number_of_images: 3 });
    const { media_urls: pictures } = first.outcome as SuccessOutcomeRecord;
    const previous = { prompt: 'Make the cup blue', previous_request_id: first.request_id };
    const continued = async (payload: Record<string, unknown>) =>
      (await succeed(payload)).next_turn_contents[1]?.parts.flatMap(({ fileData }) =>
        fileData ? fromCopiedReference(fileData.fileUri ?? '') : [],
      );
    expect(await continued({ ...previous, previous_image: 2 })).toEqual([pictures[2]?.url]);
    expect(await continued({ ...previous, previous_image: 0 })).toEqual([pictures[0]?.url]);
    expect(await continued(previous)).toEqual([pictures[0]?.url]);
    const refused = darkroom.client.submit({ payload: { ...previous, previous_image: 3 } });
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'payload.previous_image is 3, but that request made pictures 0 to 2.',
    });
  });

  it('refuses a request that does not exist, is not yours, or did not succeed', async () => {
    const failed = await make({ prompt: 'a fox [[sandbox block=SAFETY]]' });
    for (const id of [failed.request_id, '01a20472-fdac-71d9-8551-26fb4c5f120e', 'x']) {
      const refused = darkroom.client.submit({ payload: { prompt: 'on', previous_request_id: id } });
      await expect(refused).rejects.toMatchObject({
        status: 400,
        code: 'invalid_request',
        message: expect.stringContaining('previous_request_id'),
      });
    }
  });
});

describe("a model's turn that is not ours", () => {
  const foreign = (uri: string, text: string) => [
    { role: 'user', parts: [{ text: 'a blue square' }] },
    { role: 'model', parts: [{ text: 'Here.' }, { fileData: { mimeType: 'image/png', fileUri: uri } }] },
    { role: 'user', parts: [{ text }] },
  ];

  it('is sent with the documented replacement signature', async () => {
    await succeed({ contents: foreign(`${picturesUrl}/blue.png`, 'Make it red') });
  });

  it('is offered again as a reference when the upstream still refuses', async () => {
    const outcome = await succeed({
      contents: foreign(`${picturesUrl}/blue.png`, 'Make it red [[sandbox signatures=refuse]]'),
    });
    expect(outcome.media_urls).toHaveLength(1);
  });
});

describe('references', () => {
  it.each([
    ['a URL', () => ({ image: `${picturesUrl}/blue.png` })],
    ['several of them', () => ({ image: [`${picturesUrl}/blue.png`, `${picturesUrl}/blue.png`] })],
    ['a data URI', () => ({ image: [`data:image/png;base64,${png.toString('base64')}`] })],
    [
      'inline data of a turn',
      () => ({
        contents: [
          {
            role: 'user',
            parts: [{ text: 'this in red' }, { inlineData: { mimeType: 'image/png', data: png.toString('base64') } }],
          },
        ],
      }),
    ],
    [
      'a URI of a turn',
      () => ({
        contents: [
          {
            role: 'user',
            parts: [
              { text: 'this in red' },
              { fileData: { mimeType: 'image/png', fileUri: `${picturesUrl}/blue.png` } },
            ],
          },
        ],
      }),
    ],
  ])('can be %s, and the payload is echoed exactly as it came', async (_name, toPayload) => {
    const payload = { prompt: 'like this', ...toPayload() };
    const record = await make(payload);
    expect(record).toMatchObject({ status: 'success', payload });
    expect(JSON.stringify(record.payload)).toBe(JSON.stringify(payload));
    const listed = (await darkroom.client.list({ limit: 1 })).requests[0];
    expect(JSON.stringify(listed?.payload)).toBe(JSON.stringify(payload));
  });

  it('that were sent inline continue in the conversation with one of our URLs', async () => {
    const first = await succeed({ prompt: 'like this', image: `data:image/png;base64,${png.toString('base64')}` });
    const part = first.next_turn_contents[0]?.parts[1];
    const url = fromCopiedReference(part?.fileData?.fileUri ?? '');
    expect(url).toMatch(/\/media\/[\w-]{32}\.png$/);
    const echoed = await (await fetch(url)).arrayBuffer();
    expect(Buffer.from(echoed).equals(png)).toBe(true);
    await succeed({ contents: toNextTurn(first, 'and red') });
  });

  it.each([
    ['a 404', () => `${picturesUrl}/missing.png`, 'the server answered 404'],
    ['a private address', () => 'http://10.0.0.1/a.png', 'its host is not on the public internet'],
    ['a bucket that is spelled wrong', () => 'gs://B/x', 'it does not have the form gs://'],
    [
      'an address of ours that was given to nothing',
      () => `${darkroom.url}/media/${'a'.repeat(32)}.png`,
      'nothing is stored under this address',
    ],
  ])('that cannot be had fail the request and name which one and why: %s', async (_name, toUrl, reason) => {
    const record = await make({ prompt: 'like this', image: [`${picturesUrl}/blue.png`, toUrl()] });
    expect(record).toMatchObject({
      status: 'failed',
      outcome: { error: { code: 'reference_unavailable', blame: 'caller' } },
    });
    expect(record.error).toMatch(/^Picture 2 of turn 1 \(\S+\) could not be used: /);
    expect(record.error).toContain(reason);
  });

  it('that are not pictures are refused at submit when they are inline', async () => {
    const html = Buffer.from('<!doctype html><title>x</title>').toString('base64');
    const refused = darkroom.client.submit({ payload: { prompt: 'a', image: [`data:image/png;base64,${html}`] } });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('payload.image[0] cannot be read: it is an HTML page'),
    });
  });
});
