import { type ContentsTurn, maxTurns } from '@darkroom/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { model, requestsUrl, upstreamModel, useApp } from '../../../../test/app-harness.ts';
import { type Conversation, toMediaUri, toNextTurnContents } from '../../../core/conversation.ts';

const app = useApp();

const submit = (contents: unknown) => app.current.submit({ contents });

/** The conversation that a worker gets for the contents. */
async function toOrdered(contents: unknown): Promise<Conversation | undefined> {
  const reply = await submit(contents);
  expect(reply.json().error).toBeUndefined();
  const { claims } = await app.current.store.requests.claim({
    worker: 'w',
    limit: 1,
    upstreams: [{ name: 'main', limits: {} }],
    models: new Map([[model, upstreamModel]]),
    now: app.current.clock.now(),
    leaseMs: 60_000,
  });
  return claims.find(({ request }) => request.id === reply.json().request_id)?.order.conversation;
}

const user = (...parts: object[]) => ({ role: 'user', parts });
const answer = { role: 'model', parts: [{ text: 'Here it is.' }, { fileData: { fileUri: 'gs://b/a.png' } }] };
const template = user({ text: '' }, { fileData: { mimeType: 'image/png', fileUri: '' } });

describe('contents', () => {
  it('leave out what is empty: empty turns, the template after which a client appended its own, null parts', async () => {
    const ordered = await toOrdered([
      user({ text: 'a panda' }, { text: null, fileData: null }),
      { role: 'model', parts: [] },
      answer,
      template,
      user({ text: 'make it blue' }),
    ]);
    expect(ordered).toEqual([
      { role: 'user', parts: [{ kind: 'text', text: 'a panda' }] },
      {
        role: 'model',
        parts: [
          { kind: 'text', text: 'Here it is.' },
          { kind: 'picture', uri: 'gs://b/a.png' },
        ],
      },
      { role: 'user', parts: [{ kind: 'text', text: 'make it blue' }] },
    ]);
  });

  it('may end with an empty template when the turn before it asks', async () => {
    expect(await toOrdered([user({ text: 'a panda' }), template])).toHaveLength(1);
  });

  it.each([
    ['functionCall', { functionCall: { name: 'draw', args: {} } }],
    ['functionResponse', { functionResponse: { name: 'draw', response: {} } }],
    ['executableCode', { executableCode: { code: '1' } }],
    ['image_url', { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }],
  ])('with a part of the kind %s are refused by its name, and nothing is kept', async (kind, part) => {
    const reply = await submit([user({ text: 'a panda' }, part)]);
    expect(reply.statusCode).toBe(400);
    expect(reply.json().error).toContain(`payload.contents[0].parts[1] is of the kind "${kind}"`);
  });

  it('leave out the thoughts of the model', async () => {
    const thinking = {
      role: 'model',
      parts: [
        { thought: true, text: 'Hm.' },
        { text: 'Done.', thoughtSignature: 'x' },
      ],
    };
    const ordered = await toOrdered([user({ text: 'a' }), thinking, user({ text: 'b' })]);
    expect(ordered?.[1]?.parts).toMatchObject([{ kind: 'text', text: 'Done.' }]);
  });

  it('keep the signature of a part of the model out of the row, and show it in the record as it was sent', async () => {
    const signature = `${'Zm94'.repeat(1_000)}/+==`;
    const contents = [
      user({ text: 'a', thoughtSignature: 'of-the-user' }),
      { role: 'model', parts: [{ text: 'Done.', thought_signature: signature }] },
      user({ text: 'b' }),
    ];
    const ordered = await toOrdered(contents);
    expect(ordered?.[0]?.parts).toEqual([{ kind: 'text', text: 'a' }]);
    expect(ordered?.[1]?.parts).toEqual([
      { kind: 'text', text: 'Done.', signatureKey: expect.stringMatching(/^signatures\//) },
    ]);
    const [last] = (await app.current.call({ url: requestsUrl })).json().requests;
    const record = await app.current.call({ url: `${requestsUrl}/${last.request_id}` });
    expect(record.json().payload).toEqual({ contents });
  });

  it.each([
    [
      'an empty fileData',
      { fileData: { mimeType: 'image/png', fileUri: '' }, file_data: { file_uri: 'gs://b/c.png' } },
    ],
    ['an empty spelling of its key', { fileData: { fileUri: '', file_uri: 'gs://b/c.png' } }],
    [
      'the same in the other spelling',
      { fileData: { fileUri: 'gs://b/c.png' }, file_data: { file_uri: 'gs://b/c.png' } },
    ],
  ])('use a picture with %s, once', async (_name, part) => {
    const ordered = await toOrdered([user({ text: 'a' }, part)]);
    expect(ordered?.[0]?.parts.slice(1)).toMatchObject([{ kind: 'picture', uri: 'gs://b/c.png' }]);
  });

  it('use inline data with an empty fileData', async () => {
    const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], 64).toString('base64');
    const part = { fileData: { fileUri: '' }, inlineData: { mimeType: 'image/png', data: png } };
    const ordered = await toOrdered([user({ text: 'a' }, part)]);
    expect(ordered?.[0]?.parts[1]).toMatchObject({ kind: 'picture', uri: expect.stringMatching(/^media:/) });
  });

  it('accept again whatever the service returned: long texts, many parts, many pictures, hundreds of turns', async () => {
    const name = `${'a'.repeat(32)}.png`;
    const text = fc.record({
      kind: fc.constant('text' as const),
      text: fc.oneof(fc.string({ minLength: 1, maxLength: 200, unit: 'binary' }), fc.constant('日本'.repeat(20_000))),
    });
    const picture = fc.record({
      kind: fc.constant('picture' as const),
      uri: fc.constantFrom(toMediaUri(name), 'https://example.com/a b.png?x=%20', 'gs://b/a.png'),
      mimeType: fc.constant('image/png'),
    });
    const exchange = fc.tuple(
      fc.constant({ role: 'user' as const, parts: [{ kind: 'text' as const, text: 'go on' }] }),
      fc.record({
        role: fc.constant('model' as const),
        parts: fc.array(fc.oneof(text, picture), { minLength: 1, maxLength: 90 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(exchange, { minLength: 1, maxLength: 3 }), fc.boolean(), async (exchanges, isLong) => {
        const conversation = exchanges.flat();
        const whole = isLong ? Array.from({ length: 150 }, () => conversation).flat() : conversation;
        const contents: ContentsTurn[] = toNextTurnContents(whole, {
          toAddress: (media) => ({ url: `http://darkroom.example/media/${media}` }),
          isResult: () => false,
        });
        expect(contents.length).toBeLessThanOrEqual(maxTurns);
        expect(contents[0]?.role).toBe('user');
        const asked = [...contents.slice(0, -1), { role: 'user', parts: [{ text: 'now blue' }] }];
        const reply = await submit(asked);
        expect(reply.json().error).toBeUndefined();
      }),
      { numRuns: 12 },
    );
  });

  it('give references of the user and pictures of earlier turns no http URL, and accept them again as the same pictures', async () => {
    const old = `${'b'.repeat(32)}.png`;
    const result = `${'c'.repeat(32)}.png`;
    const url = 'https://example.com/photo.jpg?v=1#top';
    const picture = (uri: string) => ({ kind: 'picture', uri, mimeType: 'image/png' }) as const;
    const contents = toNextTurnContents(
      [
        {
          role: 'user',
          parts: [
            { kind: 'text', text: 'a panda' },
            { kind: 'picture', uri: url },
          ],
        },
        { role: 'model', parts: [picture(toMediaUri(old))] },
        { role: 'user', parts: [{ kind: 'text', text: 'blue' }] },
        { role: 'model', parts: [picture(toMediaUri(result))] },
      ],
      { toAddress: (name) => ({ url: `http://darkroom.example/media/${name}` }), isResult: (name) => name === result },
    );
    expect(JSON.stringify(contents).match(/https?:\/\/[^"]+/g)).toEqual([`http://darkroom.example/media/${result}`]);
    const ordered = await toOrdered([...contents.slice(0, -1), user({ text: 'now red' })]);
    const uris = ordered?.flatMap(({ parts }) => parts).flatMap((part) => (part.kind === 'picture' ? [part.uri] : []));
    expect(uris).toEqual([url, `http://darkroom.example/media/${old}`, `http://darkroom.example/media/${result}`]);
  });

  it('never treat a copied reference as more than the URL that it holds', async () => {
    for (const uri of ['ref:file%3A%2F%2F%2Fetc%2Fpasswd', 'ref:%E0%A4%A', 'ref:', 'ref:media%3Ax.png']) {
      const reply = await submit([user({ text: 'a' }, { fileData: { fileUri: uri } })]);
      expect(reply.statusCode).toBe(400);
      expect(reply.json().error).toContain('fileUri must be an http(s) URL');
    }
  });
});
