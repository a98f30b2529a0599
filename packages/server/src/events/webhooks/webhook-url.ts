import { AllowedHosts } from '../../outbound/allowed-hosts.ts';
import { readTarget, type TargetRules } from '../../outbound/fetch-target.ts';
import { OutboundFailure } from '../../outbound/outbound-failure.ts';

/** The addresses that webhooks may go to: the same as for references. */
export function createWebhookRules(
  allowPrivateHosts: readonly string[],
  ways: Pick<TargetRules, 'lookup' | 'proxies'> = {},
): TargetRules {
  return { purpose: 'webhooks', allowedHosts: new AllowedHosts(allowPrivateHosts), ports: [80, 443], ...ways };
}

/**
 * Why a URL is not allowed, judged without looking up its name, as the end of a sentence that begins with "it cannot be
 * called:"; `undefined` when it is allowed.
 */
export function findUrlObjection(url: string, rules: TargetRules): string | undefined {
  try {
    readTarget(url, rules);
    return undefined;
  } catch (error) {
    if (error instanceof OutboundFailure) return error.message;
    throw error;
  }
}
