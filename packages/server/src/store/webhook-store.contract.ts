import { describe } from 'vitest';
import { describeDeliveries } from './contract/deliveries.ts';
import { describeDeliveryProperty } from './contract/delivery-property.ts';
import { describeEndpoints } from './contract/endpoints.ts';
import { describeOutbox } from './contract/outbox.ts';
import type { CreateStoreUnderTest } from './contract/use-store.ts';

const parts = [describeOutbox, describeEndpoints, describeDeliveries, describeDeliveryProperty];

/** The promises of `WebhookStore`, and those of `RequestStore` to it: what is written and what is taken. */
export function describeWebhookStoreContract(name: string, create: CreateStoreUnderTest): void {
  describe(`${name} keeps the promises of a webhook store:`, () => {
    // Each in a suite of its own: the store that it makes before each test is then made for its own tests alone.
    for (const describePart of parts) describe('', () => describePart(create));
  });
}
