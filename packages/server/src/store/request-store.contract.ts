import { describe } from 'vitest';
import { describeClaiming } from './contract/claiming.ts';
import { describeLifecycleProperty } from './contract/lifecycle-property.ts';
import { describeListing } from './contract/listing.ts';
import { describeRescuing } from './contract/rescuing.ts';
import { describeSettling } from './contract/settling.ts';
import { describeSubmitting } from './contract/submitting.ts';
import type { CreateStoreUnderTest } from './contract/use-store.ts';

/** The promises of `RequestStore`, one test each: the suite that every store passes, without an exception. */
export function describeRequestStoreContract(name: string, create: CreateStoreUnderTest): void {
  describe(`${name} keeps the promises of a request store:`, () => {
    describeSubmitting(create);
    describeListing(create);
    describeClaiming(create);
    describeSettling(create);
    describeRescuing(create);
    describeLifecycleProperty(create);
  });
}
