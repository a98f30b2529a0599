import { type Attack, repeat, shoot } from '../target.ts';

/** Adds webhook endpoints as fast as possible, and submits requests that owe every one of them a delivery. */
export const attackWithEndpoints: Attack = async (target, answers) => {
  const endpoint = JSON.stringify({ url: 'https://receiver.example/', events: ['queued', 'processing', 'success'] });
  const submit = JSON.stringify({ model: 'gemini-3-pro-image-preview', payload: { prompt: 'a siege' } });
  await repeat(target, 4, (turn) =>
    turn % 8 === 7
      ? shoot(target, answers, { method: 'POST', path: '/requests', body: submit })
      : shoot(target, answers, { method: 'POST', path: '/webhooks/endpoints', body: endpoint }),
  );
};
