import { describe, expect, it } from 'vitest';
import { model, requestsUrl, useApp } from '../../../test/app-harness.ts';

const app = useApp();

const post = (payload: string | Buffer, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  app.current.call({ method: 'POST', url: requestsUrl, payload, headers });
const toBody = (payload: string) => `{"model": "${model}", "payload": ${payload}}`;
const countRows = async () => (await app.current.call({ url: requestsUrl })).json().total;
const echo = async (id: string) =>
  /"payload":(.*),"outcome":/s.exec((await app.current.call({ url: `${requestsUrl}/${id}` })).body)?.[1];

describe('the body of a submit', () => {
  it('of a million keys is refused by name, and does not block others', async () => {
    const url = await app.current.app.listen({ port: 0, host: '127.0.0.1' });
    const members = Array.from({ length: 1_200_000 }, (_, index) => `"k${index}":1`);
    const body = new Uint8Array(Buffer.from(toBody(`{"prompt":"a",${members.join(',')}}`)));
    const headers = { authorization: `Bearer ${app.current.key}` };
    const loop = watchLoop();
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => fetch(url + requestsUrl, { method: 'POST', body, headers })),
    );
    for (const reply of replies) {
      expect([reply.status, await reply.json()]).toEqual([
        400,
        {
          error: 'The body has 1,200,003 keys and list entries: at most 15,000 are allowed.',
          code: 'invalid_request',
        },
      ]);
    }
    // Parsing one would take more than a second. The rest of this time is the client's, which runs in this process too.
    expect(loop.stop()).toBeLessThan(400);
    expect(await countRows()).toBe(0);
  });

  it('of 16 MB may come many at a time, and some of them break off: each of the others is answered', async () => {
    const url = await app.current.app.listen({ port: 0, host: '127.0.0.1' });
    const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], 5_900_000).toString('base64');
    const image = [`data:image/png;base64,${png}`, `data:image/png;base64,${png}`];
    const body = toBody(JSON.stringify({ prompt: 'a', image }));
    const headers = { authorization: `Bearer ${app.current.key}`, 'content-type': 'application/json' };
    const statuses = await Promise.all(
      Array.from({ length: 9 }, async (_, index) => {
        const signal = index % 3 === 0 ? AbortSignal.timeout(20) : null;
        const reply = await fetch(url + requestsUrl, { method: 'POST', body, headers, signal }).catch(() => undefined);
        return reply?.status;
      }),
    );
    expect(statuses.filter((_, index) => index % 3 > 0)).toEqual(Array(6).fill(200));
    expect((await post(body)).statusCode).toBe(200);
  }, 60_000);

  it('nested 5,000 deep is refused by name, wherever it is nested', async () => {
    for (const key of ['payload', 'other']) {
      const deep = '{"a":['.repeat(2_500) + ']}'.repeat(2_500);
      const reply = await post(`{"model": "${model}", "payload": {"prompt": "a"}, "${key}": ${deep}}`);
      expect([reply.statusCode, reply.json().error]).toEqual([
        400,
        'The body is nested 5,001 levels deep: at most 100 are allowed.',
      ]);
    }
  });

  it('has at most 4 MiB without its pictures, and the refusal says how much it has', async () => {
    const take = async (payload: object) => {
      const reply = await app.current.submit({ prompt: 'a', ...payload });
      return [reply.statusCode, reply.json().error];
    };
    expect(await take({ note: 'n'.repeat(4_000_000) })).toEqual([200, undefined]);
    expect(await take({ note: 'n'.repeat(4_300_000) })).toEqual([
      413,
      expect.stringMatching(
        /^The body has 4,300,\d{3} bytes without its pictures: at most 4,194,304 \(4 MiB\) are allowed\.$/,
      ),
    ]);
    // It looks like a picture, but no picture is there.
    expect(await take({ note: `data:image/png;base64,${'A'.repeat(4_300_000)}` })).toEqual([
      413,
      expect.stringMatching(/^The payload has 4,300,\d{3} bytes without its pictures/),
    ]);
    expect(await countRows()).toBe(1);
  });

  it('may be the longest conversation that next_turn_contents gives, in the longest notation', async () => {
    const fileData = { mimeType: 'image/png', fileUri: `https://a.example/${'n'.repeat(100)}.png` };
    const contents = Array.from({ length: 199 }, (_, index) =>
      index % 2 === 0
        ? { role: 'user', parts: [{ text: 'ä'.repeat(500) }] }
        : { role: 'model', parts: [{ text: 'ä'.repeat(1_000) }, ...Array(28).fill({ fileData })] },
    );
    const body = JSON.stringify({ contents }).replaceAll('ä', '\\u00e4');
    expect((await post(toBody(body))).statusCode).toBe(200);
  });

  it.each([
    ['Latin-1', { 'content-type': 'application/json' }, /^The body is not valid UTF-8/],
    [
      'Latin-1 that says so',
      { 'content-type': 'application/json; charset=iso-8859-1' },
      /^The body is in iso-8859-1: .*UTF-8\.$/,
    ],
  ])('that is %s is refused', async (_name, headers, words) => {
    const reply = await post(Buffer.from(toBody('{"prompt": "Gänseblümchen"}'), 'latin1'), headers);
    expect([reply.statusCode, reply.json()]).toEqual([
      400,
      { code: 'malformed_json', error: expect.stringMatching(words) },
    ]);
    expect(await countRows()).toBe(0);
  });

  it.each([
    ['application/json; charset=UTF-8'],
    ['Application/JSON; charset="utf-8"'],
    ['application/vnd.api+json'],
    // ASCII letters only.
    ['application/json; charset=iso-8859-1'],
    ['text/plain'],
    ['text/plain;charset=UTF-8'],
    // The type that curl -d sends by default.
    ['application/x-www-form-urlencoded'],
    [undefined],
  ])('that is JSON is accepted as %s', async (type) => {
    const body = Buffer.from(`\ufeff${toBody('{"prompt": "a fox"}')}`);
    const plain = type?.includes('8859') ? body.subarray(3) : body;
    expect((await post(plain, type === undefined ? {} : { 'content-type': type })).statusCode).toBe(200);
  });

  it.each([
    ['image/png', toBody('{"prompt": "a"}'), /^The body must be JSON, not image\/png: .*application\/json\.$/],
    ['multipart/form-data; boundary=x', toBody('{"prompt": "a"}'), /not multipart\/form-data:/],
    ['text/plain', 'a fox', /not text\/plain:/],
    ['application/x-www-form-urlencoded', 'model=x', /not application\/x-www-form-urlencoded:/],
    ['', 'a fox', /^The body must be JSON: send it with the header/],
  ])('of type %s that is not JSON is refused by its type', async (type, body, words) => {
    const reply = await post(body, type ? { 'content-type': type } : {});
    expect([reply.statusCode, reply.json()]).toEqual([
      415,
      { code: 'unsupported_media_type', error: expect.stringMatching(words) },
    ]);
  });

  it('that is compressed is refused by its encoding', async () => {
    const reply = await post(toBody('{}'), { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    expect([reply.statusCode, reply.json().error]).toEqual([
      415,
      'The body is encoded as gzip: send it without an encoding.',
    ]);
  });

  it.each([['[]'], ['null'], ['"a"'], ['7']])('that is %s is refused by a sentence', async (body) => {
    const { error } = (await post(body)).json();
    expect(error).toMatch(/^The body must be a JSON object/);
  });

  it('is echoed letter by letter: numbers, the order and the form of keys', async () => {
    const payload =
      '{"prompt":"a \\u00e9 \\ud83e\\udd8a \\u0000 \\ud800","serial":12345678901234567890,"big":1e400,"z":-0.0,"b":1.50,"10":1,"2":2,"a":1,"a":2,"\\u0062":[ 1 ,\\t2 ]}';
    const sent = payload.replace('\\t', '\t');
    const reply = await post(toBody(sent));
    expect(reply.statusCode).toBe(200);
    expect(await echo(reply.json().request_id)).toBe(sent);
    expect((await app.current.call({ url: requestsUrl })).body).toContain(sent);
  });

  it('is echoed on one line, with its picture in its place', async () => {
    const png = Buffer.from('\x89PNG\r\n\x1a\nsome bytes', 'latin1').toString('base64');
    const lines = [
      '{',
      ' "image" : [ "data:image\\/png;base64,PNG",',
      ' "https://a.example/b.png"],',
      ' "prompt":"a"',
      '}',
    ];
    const reply = await post(toBody(lines.join('\r\n').replace('PNG', png)));
    expect(reply.statusCode).toBe(200);
    expect(await echo(reply.json().request_id)).toBe(lines.join('  ').replace('PNG', png));
  });

  it('with an Idempotency-Key is the same only when its text is', async () => {
    const send = (serial: string) =>
      post(toBody(`{"prompt":"a","serial":${serial}}`), { 'content-type': 'application/json', 'idempotency-key': 'k' });
    const first = await send('12345678901234567890');
    expect((await send('12345678901234567890')).body).toBe(first.body);
    expect((await send('12345678901234567891')).json().code).toBe('idempotency_conflict');
  });

  it('may have the keys of prototypes, which have no effect', async () => {
    const contents = '[{"role":"nobody"}]';
    const payload = `{"prompt":"a","__proto__":{"contents":${contents},"polluted":1},"constructor":{"prototype":{"polluted":1}}}`;
    const reply = await post(`{"__proto__":{"priority":99},"model":"${model}","payload":${payload}}`);
    expect(reply.statusCode).toBe(200);
    const id = reply.json().request_id;
    expect(await echo(id)).toBe(payload);
    expect((await app.current.call({ url: `${requestsUrl}/${id}` })).json().priority).toBe(0);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    // Not by inheritance either.
    const nothing = await post(toBody(`{"__proto__":{"prompt":"a"}}`));
    expect(nothing.json().error).toMatch(/payload\.prompt is missing/);
  });
});

/**
 * When stopped, returns the longest turn of the event loop, in milliseconds of this thread's work: other threads are not counted.
 */
function watchLoop() {
  const now = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let last = now();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, now() - last);
    last = now();
  }, 1);
  return {
    stop: () => {
      clearInterval(timer);
      return longest;
    },
  };
}
