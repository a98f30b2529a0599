import type { RequestRecord } from '@darkroom/protocol';
import type { TestServer } from '../start-server.ts';
import type { WebhookReceiver } from '../webhook-receiver.ts';

const prompts = [
  'a lighthouse by the sea at dusk',
  'a fox asleep in autumn leaves',
  'a bowl of ramen on a wooden table',
  'a balloon over snowy mountains',
  'a tulip in a glass of water',
];

export interface Content {
  readonly pictures: readonly RequestRecord[];
  readonly failed: RequestRecord;
  /** The last of three turns. */
  readonly edited: RequestRecord;
}

/** A Darkroom as it looks after somebody has worked with it. */
export async function makeContent({ client, admin }: TestServer, receiver: WebhookReceiver): Promise<Content> {
  receiver.mood = ({ path }) => (path === '/broken' ? 'fail' : 'take');
  await client.webhooks.create({ url: receiver.url('/hooks') });
  await client.webhooks.create({ url: receiver.url('/broken'), events: ['failed'] });
  await admin.createKey({ name: 'shop', organization_ids: ['shop', 'default'], requests_per_minute: 60 });
  const { id } = await admin.createKey({ name: 'an old script' });
  await admin.revokeKey(id);
  const make = async (payload: Parameters<typeof client.submit>[0]['payload']) => {
    const { request_id } = await client.submit({ payload });
    return client.wait(request_id);
  };
  const [pictures, failed] = await Promise.all([
    Promise.all(prompts.map((prompt) => make({ prompt }))),
    make({ prompt: 'a castle in the clouds [[sandbox block=SAFETY]]' }),
  ]);
  const first = pictures[0]?.request_id ?? '';
  const second = await make({ prompt: 'make it night', previous_request_id: first });
  const edited = await make({ prompt: 'add a sailing boat', previous_request_id: second.request_id });
  await admin.setBudget({ scope: 'organization', id: edited.org_id, period: 'month' }, 25);
  return { pictures, failed, edited };
}
