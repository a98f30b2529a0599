import { type Answers, type Attack, repeat, shoot, type Target } from '../target.ts';

const model = 'gemini-3-pro-image-preview';
const toBody = (payload: string) => Buffer.from(`{"model":"${model}","payload":{"prompt":"a siege"${payload}}}`);

/** Sends 14 MB of small keys, and payloads that are nested thousands deep. */
export const attackWithPayloads: Attack = async (target, answers) => {
  const keys = Array.from({ length: 1_200_000 }, (_, index) => `,"${index}":0`).join('');
  const bodies = [
    toBody(keys),
    toBody(`,"deep":${'['.repeat(5_000)}${']'.repeat(5_000)}`),
    toBody(`,"deep":${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`),
  ];
  await repeat(target, 4, (turn) =>
    shoot(target, answers, { method: 'POST', path: '/requests', body: bodies[turn % bodies.length] ?? '' }),
  );
};

/** Sends the largest accepted payloads, and lists them in parallel: whole, by offset, and one by one. */
export const attackWithLists: Attack = async (target, answers) => {
  const size = await findLargest(target, answers);
  const body = toBody(`,"note":"${'x'.repeat(size)}"`);
  for (let stored = 0; stored < 60 && Date.now() < target.endsAt; stored += 4)
    await Promise.all([0, 1, 2, 3].map(() => shoot(target, answers, { method: 'POST', path: '/requests', body })));
  const lists = ['/requests', '/requests?limit=100', '/requests?limit=100&offset=40'];
  await repeat(target, 8, (turn) => shoot(target, answers, { path: lists[turn % lists.length] ?? '' }));
};

/** How many characters an unknown key may have: the largest of a few sizes that is accepted. */
async function findLargest(target: Target, answers: Answers): Promise<number> {
  for (const size of [15_000_000, 4_000_000, 1_000_000, 250_000]) {
    const counted: Answers = {};
    await shoot(target, counted, { method: 'POST', path: '/requests', body: toBody(`,"note":"${'x'.repeat(size)}"`) });
    for (const [status, times] of Object.entries(counted)) answers[status] = (answers[status] ?? 0) + times;
    if (counted['200']) return size;
  }
  return 50_000;
}
