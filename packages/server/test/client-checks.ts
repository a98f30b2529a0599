import {
  Darkroom,
  DarkroomError,
  type QueueUpdate,
  type RequestEvent,
  RequestFailedError,
  verifyWebhook,
} from '@darkroom/client';

/**
 * The promises of the SDK, as functions that run wherever it does: in Node, and bundled in a browser. Each resolves to
 * plain values; `client.test.ts` has the expected ones.
 */

export interface Stage {
  /** A troubled line to a server. */
  readonly url: string;
  readonly apiKey: string;
  /** A message signed by another implementation of Standard Webhooks. */
  readonly webhook: {
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly secret: string;
  };
}

function connect({ url: baseUrl, apiKey }: Stage): Darkroom {
  return new Darkroom({ baseUrl, apiKey });
}

async function trouble({ url }: Stage, what: string): Promise<void> {
  await fetch(`${url}/line/${what}`);
}

/** The kinds and moments that come exactly once; the number of the others depends on the machine. */
function toWord(event: RequestEvent): string[] {
  switch (event.kind) {
    case 'status':
    case 'attempt':
    case 'webhook':
      return [event.data.moment];
    case 'end':
      return [`end: ${event.data.status}`];
    default:
      return [];
  }
}

async function collect(events: AsyncIterable<RequestEvent>): Promise<readonly string[]> {
  const words: string[] = [];
  for await (const event of events) words.push(...toWord(event));
  return words;
}

export async function makesAPicture(stage: Stage) {
  const darkroom = connect(stage);
  const { outcome } = await darkroom.generate('a lighthouse by the sea');
  const answer = await darkroom.download(outcome.media_urls[0]?.url ?? '');
  const { headers } = answer;
  return { pictures: outcome.media_urls.length, type: headers.get('content-type'), isTagged: headers.has('etag') };
}

export async function editsAPicture(stage: Stage) {
  const darkroom = connect(stage);
  const first = await darkroom.generate({ prompt: 'a boat', aspect_ratio: '16:9' });
  const second = await darkroom.edit(first.request_id, { prompt: 'paint it red', aspect_ratio: '16:9' });
  const { previous_request_id: before } = second.payload as { previous_request_id?: string };
  return { isEdit: before === first.request_id, turns: second.outcome.next_turn_contents.length };
}

export async function tellsFailures(stage: Stage) {
  const darkroom = connect(stage);
  const failed = await darkroom.generate('a kite [[sandbox block=PROHIBITED_CONTENT]]').catch((error) => error);
  const cancelled = await darkroom
    .generate('a slow snail [[sandbox delay=5s]]', { onSubmit: ({ request_id }) => darkroom.cancel(request_id) })
    .catch((error) => error);
  const refused = await darkroom.status('no-such-request').catch((error) => error);
  return [
    failed instanceof RequestFailedError && [failed.code, failed.failure?.blame, failed.record.status],
    cancelled instanceof RequestFailedError && [cancelled.code, cancelled.failure === undefined],
    refused instanceof DarkroomError && [refused.code, refused.status],
  ];
}

export async function submitsOnceThoughAnswersAreLost(stage: Stage) {
  const darkroom = connect(stage);
  await trouble(stage, 'lose?times=2');
  const prompt = `a letter that is lost twice, ${Date.now()}`;
  const { request_id } = await darkroom.submit({ payload: { prompt } });
  const ids: string[] = [];
  for await (const { request_id: id, payload } of darkroom.listAll()) if (payload['prompt'] === prompt) ids.push(id);
  return ids.length === 1 && ids[0] === request_id;
}

export async function comesAgainWhenTurnedAway(stage: Stage) {
  const darkroom = connect(stage);
  await trouble(stage, 'refuse?times=2');
  return (await darkroom.submit({ payload: { prompt: 'a patient cat' } })).status;
}

export async function givesUpInTheEnd({ url, apiKey }: Stage) {
  const sent: (string | null)[] = [];
  const refuse: typeof fetch = async (_url, request) => {
    sent.push(new Headers(request?.headers).get('idempotency-key'));
    return new Response('', { status: 503, headers: { 'retry-after': sent.length === 3 ? '3600' : '0' } });
  };
  const darkroom = new Darkroom({ baseUrl: url, apiKey, fetch: refuse });
  const error = await darkroom.submit({ payload: { prompt: 'a kite' } }).catch((reason) => reason);
  const { status, code, retryAfterSeconds } = error;
  return { status, code, retryAfterSeconds, calls: sent.length, keys: new Set(sent).size };
}

export async function followsEventsOverACutLine(stage: Stage) {
  const darkroom = connect(stage);
  const { request_id: id } = await darkroom.submit({ payload: { prompt: 'a slow owl [[sandbox delay=1s]]' } });
  const words: string[] = [];
  const places: string[] = [];
  for await (const event of darkroom.events(id)) {
    words.push(...toWord(event));
    places.push(event.lastEventId);
    if (event.kind === 'attempt' && event.data.moment === 'sent') await trouble(stage, 'cut');
  }
  const again = await collect(darkroom.events(id, { lastEventId: places[0] ?? '' }));
  const afterEnd = await collect(darkroom.events(id, { lastEventId: places.at(-1) ?? '' }));
  return { words, again, afterEnd };
}

export async function watchesAllRequestsOverACutLine(stage: Stage) {
  const darkroom = connect(stage);
  const { request_id: id } = await darkroom.submit({ payload: { prompt: 'a slow owl [[sandbox delay=1s]]' } });
  const words: string[] = [];
  for await (const { data } of darkroom.watch({ lastEventId: '0' })) {
    if (data.request_id !== id) continue;
    words.push(data.moment);
    if (data.moment === 'claimed') await trouble(stage, 'cut');
    if (data.moment === 'succeeded') break;
  }
  return words;
}

export async function connects({ url: baseUrl, apiKey }: Stage) {
  const { is_admin } = await new Darkroom({ baseUrl, apiKey, maxRetries: 0 }).me();
  return is_admin;
}

export async function tellsHowARequestStands(stage: Stage) {
  const darkroom = connect(stage);
  const updates: QueueUpdate[] = [];
  const onQueueUpdate = (update: QueueUpdate) => void updates.push(update);
  const record = await darkroom.generate('a slow owl [[sandbox delay=1s]]', { logs: true, onQueueUpdate });
  const last = updates.at(-1);
  return {
    statuses: [...new Set(updates.map(({ status }) => status))],
    areKept: last?.status === 'success' && last.record.request_id === record.request_id,
    lines: last?.logs.map(({ kind }) => kind),
  };
}

export async function continuesADownload(stage: Stage) {
  const { url: baseUrl, apiKey } = stage;
  const { outcome } = await connect(stage).generate('a mountain');
  const picture = outcome.media_urls[0] ?? '';
  const whole = new Uint8Array(await (await connect(stage).download(picture)).arrayBuffer());
  const read = async (lineFetch: typeof fetch, maxRetries?: number) => {
    const darkroom = new Darkroom({
      baseUrl,
      apiKey,
      fetch: lineFetch,
      ...(maxRetries !== undefined && { maxRetries }),
    });
    const bytes: number[] = [];
    for await (const chunk of darkroom.readPicture(picture)) bytes.push(...chunk);
    return bytes.join() === whole.join();
  };
  const ranges: (string | null)[] = [];
  const cutFirst: typeof fetch = async (url, request) => {
    ranges.push(new Headers(request?.headers).get('range'));
    return ranges.length === 1 ? cutAfter(await fetch(url, request), 100) : fetch(url, request);
  };
  let calls = 0;
  const ignoreRanges: typeof fetch = async (url) => {
    calls += 1;
    return calls === 1 ? cutAfter(await fetch(url), 100) : fetch(url);
  };
  const cutAlways: typeof fetch = async (url) => cutAfter(await fetch(url), 0);
  return {
    isWhole: await read(cutFirst),
    ranges,
    isWholeWithoutRanges: await read(ignoreRanges),
    broken: await read(cutAlways, 0).catch((error: Error) => error.message),
  };
}

/** The response, whose connection breaks after some bytes. */
async function cutAfter(response: Response, count: number): Promise<Response> {
  const start = new Uint8Array(await response.arrayBuffer()).subarray(0, count);
  let isSent = count === 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (isSent) controller.error(new Error('cut'));
        else controller.enqueue(start);
        isSent = true;
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: response.status, headers: response.headers });
}

export async function cancelsWhatIsAborted(stage: Stage) {
  const darkroom = connect(stage);
  const abort = new AbortController();
  let id = '';
  const error = await darkroom
    .generate('a slow snail [[sandbox delay=5s]]', {
      signal: abort.signal,
      onSubmit: ({ request_id }) => {
        id = request_id;
        abort.abort();
      },
    })
    .catch((reason) => reason);
  return [error.name, (await darkroom.status(id)).status];
}

export async function uploadsEveryKindOfBytes(stage: Stage) {
  const darkroom = connect(stage);
  const { outcome } = await darkroom.generate('a mountain');
  const bytes = await (await darkroom.download(outcome.media_urls[0]?.url ?? '')).arrayBuffer();
  const sources = [
    bytes,
    new Uint8Array(bytes),
    new Blob([bytes]),
    new File([new Blob([bytes])], 'a.png', { type: 'image/png' }),
  ];
  const urls = await Promise.all(sources.map((source) => darkroom.upload(source)));
  const sizes = await Promise.all(urls.map(async (url) => (await (await darkroom.download(url)).blob()).size));
  const text = await darkroom.upload(new TextEncoder().encode('no picture at all')).catch((error) => error.message);
  return { areWhole: sizes.every((size) => size === bytes.byteLength), text };
}

export async function verifiesWebhooks({ webhook: { body, headers, secret } }: Stage) {
  const old = { ...headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) - 301) };
  const attempts = [
    verifyWebhook(body, headers, secret),
    verifyWebhook(new TextEncoder().encode(body), new Headers(headers), secret),
    verifyWebhook(`${body} `, headers, secret),
    verifyWebhook(body, old, secret),
    verifyWebhook(body, { ...headers, 'webhook-signature': 'v1,AAAA v1a,%%%' }, secret),
    verifyWebhook(body, {}, secret),
    verifyWebhook(body, headers, 'whsec_b3RoZXI='),
  ];
  return (await Promise.allSettled(attempts)).map((result) =>
    result.status === 'fulfilled' ? result.value.type : result.reason.message,
  );
}
