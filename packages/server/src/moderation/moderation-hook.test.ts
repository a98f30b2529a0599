import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedServer } from '../../test/fakes/scripted-server.ts';
import { noProxies } from '../outbound/proxies.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import type { ModeratedRequest, Ruling } from './moderation.ts';
import { createModerationHook, type ModerationHookOptions } from './moderation-hook.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.close());

const subject: ModeratedRequest = {
  request: { id: 'r', organizationId: 'o', apiKeyId: 'k', model: 'm', wire: 'queue', attempt: 2 },
  order: { conversation: [], parameters: {} },
};

async function ask(
  changes: Partial<ModerationHookOptions> = {},
  signal = new AbortController().signal,
): Promise<Ruling> {
  const hook = createModerationHook({
    url: server.origin,
    timeoutMs: 5_000,
    failOpen: false,
    asksPictures: false,
    toAddress: (name) => ({ url: `http://darkroom.test/media/${name}` }),
    proxies: noProxies,
    machine: systemClock,
    logger: createLogger('silent'),
    ...changes,
  });
  return hook.askAboutRequest(subject, signal).finally(() => hook.close());
}

describe('the answer of the hook', () => {
  it.each([
    [{ verdict: 'allow' }, { kind: 'allowed' }],
    [{ verdict: 'allow', reason: 'nice', score: 0 }, { kind: 'allowed' }],
    [
      { verdict: 'block', reason: ' No. ' },
      { kind: 'blocked', reason: 'No.' },
    ],
    [{ verdict: 'block' }, { kind: 'blocked', reason: 'The moderation of this service blocked it.' }],
    [
      { verdict: 'flag', reason: '' },
      { kind: 'flagged', reason: 'The moderation of this service flagged it.' },
    ],
    [
      { verdict: 'block', reason: 'x'.repeat(600) },
      { kind: 'blocked', reason: 'x'.repeat(500) },
    ],
  ])('%j is a ruling', async (answer, ruling) => {
    server.answerBody(JSON.stringify(answer));
    expect(await ask()).toEqual(ruling);
  });

  it.each([
    ['is not JSON', 200, 'allow'],
    ['is empty', 204, ''],
    ['has no verdict', 200, '{"opinion":"allow"}'],
    ['has an unknown verdict', 200, '{"verdict":"maybe"}'],
    ['is too long', 200, `{"verdict":"allow","reason":"${'x'.repeat(70_000)}"}`],
    ['redirects', 302, '{"verdict":"allow"}'],
    ['is an error', 500, '{"verdict":"allow"}'],
  ])('that %s is none: it allows nothing, unless the hook fails open', async (_, status, body) => {
    server.answer((response) => response.writeHead(status, { location: server.origin }).end(body));
    expect(await ask()).toEqual({ kind: 'unanswered' });
    expect(await ask({ failOpen: true })).toEqual({ kind: 'allowed' });
    expect(server.requests).toHaveLength(2);
  });

  it('has a time limit, and is not waited for at shutdown', async () => {
    server.answer(() => {});
    expect(await ask({ timeoutMs: 50 })).toEqual({ kind: 'unanswered' });
    expect(await ask({ timeoutMs: 50, failOpen: true })).toEqual({ kind: 'allowed' });
    expect(await ask({ failOpen: true }, AbortSignal.timeout(50))).toEqual({ kind: 'unanswered' });
    expect(await ask({ url: 'http://127.0.0.1:1' })).toEqual({ kind: 'unanswered' });
  });

  it('belongs to a question with its own name, signed only with a secret', async () => {
    server.answerBody('{"verdict":"allow"}');
    await ask();
    await ask({ secret: `whsec_${Buffer.alloc(32).toString('base64')}` });
    const [plain, signed] = server.requests.map(({ headers }) => headers);
    expect(plain).toMatchObject({ 'webhook-id': 'r-2', 'content-type': 'application/json; charset=utf-8' });
    expect(plain).not.toHaveProperty('webhook-signature');
    expect(signed?.['webhook-signature']).toMatch(/^v1,/);
  });
});
