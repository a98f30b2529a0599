import { expect, it } from 'vitest';
import { ownUrl } from '../rows/webhook-rows.ts';
import { allAddresses, toAddresses, toWebhookEvent } from './news.ts';

const event = 'request.success';
const webhook = JSON.stringify({ url: 'https://own.example', events: [event] });
const endpoints = [
  { id: 'a', url: 'https://a.example', events: JSON.stringify([event]) },
  { id: 'b', url: 'https://b.example', events: JSON.stringify(['request.failed']) },
];
const toIds = (...given: Parameters<typeof toAddresses>) => toAddresses(...given).map(({ id }) => id);

it('tells webhooks of moments that give a status, unless they are not to be told', () => {
  const about = { requestId: 'request-1', at: 1 };
  const moment = { kind: 'succeeded', pictures: 1 } as const;
  expect(toWebhookEvent({ ...about, moment })).toBe(event);
  expect(toWebhookEvent({ ...about, moment, isUntold: true })).toBeUndefined();
  const sent = { kind: 'sent', attempt: 1, image: 0, upstream: 'upstream-1' } as const;
  expect(toWebhookEvent({ ...about, moment: sent })).toBeUndefined();
});

it('tells the address of the request in the first step, and the endpoints that ask for the event', () => {
  const news = { webhook, event } as const;
  expect(toIds(news, { isFirst: true, endpoints, told: allAddresses })).toEqual([ownUrl, 'a']);
  expect(toIds(news, { isFirst: false, endpoints, told: allAddresses })).toEqual(['a']);
  expect(toIds({ ...news, webhook: null }, { isFirst: true, endpoints, told: allAddresses })).toEqual(['a']);
});

it('leaves out the addresses that the database refuses', () => {
  const news = { webhook, event } as const;
  expect(toIds(news, { isFirst: true, endpoints, told: { own: false, endpoint: true } })).toEqual(['a']);
  expect(toIds(news, { isFirst: true, endpoints, told: { own: true, endpoint: false } })).toEqual([ownUrl]);
});
