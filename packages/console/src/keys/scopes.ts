import type { Scope } from '@darkroom/protocol';

/** What each scope permits, in the words of the form. */
export const scopeOptions: readonly { readonly value: Scope; readonly text: string }[] = [
  { value: 'read', text: 'Read: see requests, pictures, usage and webhooks' },
  { value: 'submit', text: 'Submit: make requests and upload pictures' },
  { value: 'manage', text: 'Manage: cancel, delete, change webhooks' },
  { value: 'admin', text: 'Operator: may pause, requeue, set budgets and create keys' },
];
