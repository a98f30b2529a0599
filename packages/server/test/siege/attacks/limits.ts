import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitName, UploadReply } from '@darkroom/protocol';
import { housePrefix } from '../../../src/http/prefixes.ts';
import type { LimitedOrganization } from '../limits.ts';
import { type Answers, type Attack, repeat, shoot, type Target } from '../target.ts';

const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(2_000)]);
const submit = JSON.stringify({ model: 'gemini-3-pro-image-preview', payload: { prompt: 'a siege '.repeat(200) } });

/** Goes on calling at each limit of an organization and of one of its keys. Counts the refusals by the limit that they name. */
export function attackAtLimits(organizations: readonly LimitedOrganization[]): Attack {
  return async (target, answers) => {
    const attacks = organizations.flatMap(({ limit, keys }) =>
      keys.map((key) =>
        repeat(target, 1, async () => {
          await calls[limit]?.({ ...target, key }, answers);
          await sleep(500);
        }),
      ),
    );
    await Promise.all(attacks);
  };
}

type Call = (target: Target, answers: Answers) => Promise<void>;

const calls: Partial<Record<LimitName, Call>> = {
  uploads_per_minute: (target, answers) => burst(() => askForUpload(target, answers)),
  stored_bytes: async (target, answers) => {
    const { upload_url: path } = await askForUpload(target, answers);
    const headers = { 'content-type': 'image/png' };
    if (path !== undefined) await shoot(target, answers, { method: 'PUT', path, body: picture, headers });
  },
  body_bytes_per_minute: (target, answers) =>
    burst(async () => note(await shoot(target, answers, { method: 'POST', path: '/requests', body: submit }), answers)),
  open_streams: (target, answers) => burst(() => openStream(target, answers)),
};

/** More calls at once than the limits allow: on a busy machine, one turn has to be enough. */
async function burst(call: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: 15 }, call));
}

async function askForUpload(target: Target, answers: Answers): Promise<Partial<UploadReply>> {
  return note(
    await shoot(target, answers, { method: 'POST', path: '/upload-url', body: '{"file_type":"png"}' }),
    answers,
  );
}

/** A stream that is admitted stays open until the siege is over. */
function openStream({ url, key, endsAt }: Target, answers: Answers): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const call = request(new URL(`${housePrefix}/events`, url), { headers: { authorization: `Bearer ${key}` } });
  call.on('error', () => resolve());
  call.on('response', (response) => {
    response.on('error', () => resolve());
    if (response.statusCode === 200) {
      response.resume();
      setTimeout(() => call.destroy(), Math.max(0, endsAt - Date.now()));
      return resolve();
    }
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    response.on('end', () => {
      note(text, answers);
      resolve();
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
