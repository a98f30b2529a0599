import { describe } from 'vitest';
import { describeDeliveries } from './contract/deliveries.ts';
import { describeDeliveryProperty } from './contract/delivery-property.ts';
import { describeEndpoints } from './contract/endpoints.ts';
import { describeOutbox } from './contract/outbox.ts';
import type { CreateStoreUnderTest } from './contract/use-store.ts';

const parts = [describeOutbox, describeEndpoints, describeDeliveries, describeDeliveryProperty];

/**
 * The promises of `WebhookStore`, and what `RequestStore` promises it: which news are written, and which deliveries are taken.
 */
export function describeWebhookStoreContract(name: string, create: CreateStoreUnderTest): void {
  describe(`${name} keeps the promises of a webhook store:`, () => {
    // Each in a separate suite, so that the store that a suite creates before each test is created only for its own tests.
    for (const describePart of parts) describe('', () => describePart(create));
  });
}
