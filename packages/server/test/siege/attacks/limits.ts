import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitName, UploadReply } from '@darkroom/protocol';
import { housePrefix } from '../../../src/http/prefixes.ts';
import type { LimitedOrganization } from '../limits.ts';
import { type Answers, type Attack, repeat, shoot, type Target } from '../target.ts';

const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(2_000)]);
const submit = JSON.stringify({ model: 'gemini-3-pro-image-preview', payload: { prompt: 'a siege '.repeat(400) } });

/** Goes on calling at each limit of an organization and of one of its keys. Counts the refusals by the limit that they name. */
export function attackAtLimits(organizations: readonly LimitedOrganization[]): Attack {
  return async (target, answers) => {
    const attacks = organizations.flatMap(({ limit, keys }) =>
      keys.map((key) =>
        repeat(target, 1, async () => {
          await calls[limit]?.({ ...target, key }, answers);
          await sleep(2_000);
        }),
      ),
    );
    await Promise.all(attacks);
  };
}

type Call = (target: Target, answers: Answers) => Promise<unknown>;

const calls: Partial<Record<LimitName, Call>> = {
  uploads_per_minute: (target, answers) => burst(() => askForUpload(target, answers)),
  stored_bytes: async (target, answers) => {
    const { upload_url: path } = await askForUpload(target, answers);
    const headers = { 'content-type': 'image/png' };
    if (path !== undefined) await shoot(target, answers, { method: 'PUT', path, body: picture, headers });
  },
  body_bytes_per_minute: (target, answers) =>
    burst(async () => note(await shoot(target, answers, { method: 'POST', path: '/requests', body: submit }), answers)),
  open_streams: async (target, answers) => {
    // Those that are admitted are held until all have their answer.
    const opened = (await burst(() => openStream(target, answers))).flatMap((close) => close ?? []);
    setTimeout(() => closeAll(opened), Math.max(0, target.endsAt - Date.now()));
  },
};

function closeAll(opened: readonly (() => void)[]): void {
  for (const close of opened) close();
}

/** More calls at once than the limits allow: on a busy machine, one turn has to be enough. */
function burst<Result>(call: () => Promise<Result>): Promise<readonly Result[]> {
  return Promise.all(Array.from({ length: 8 }, call));
}

async function askForUpload(target: Target, answers: Answers): Promise<Partial<UploadReply>> {
  return note(
    await shoot(target, answers, { method: 'POST', path: '/upload-url', body: '{"file_type":"png"}' }),
    answers,
  );
}

/** Resolves to what closes the stream, or to `undefined` when it is refused or gets no answer. */
function openStream({ url, key }: Target, answers: Answers): Promise<(() => void) | undefined> {
  const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>();
  const headers = { authorization: `Bearer ${key}` };
  const call = request(new URL(`${housePrefix}/events`, url), { headers, timeout: 20_000 });
  call.on('timeout', () => call.destroy());
  call.on('error', () => resolve(undefined));
  call.on('response', (response) => {
    response.on('error', () => resolve(undefined));
    if (response.statusCode === 200) {
      response.resume();
      return resolve(() => call.destroy());
    }
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    response.on('end', () => {
      note(text, answers);
      resolve(undefined);
    });
  });
  call.end();
  return promise;
}

/** The answer, whose limit is counted when it is a refusal. */
function note(text: string, answers: Answers): Partial<UploadReply> {
  try {
    const { limit, ...answer } = JSON.parse(text);
    if (limit) answers[`${limit.of} ${limit.name}`] = (answers[`${limit.of} ${limit.name}`] ?? 0) + 1;
    return answer;
  } catch {
    return {};
  }
}
