/** Why somebody is not signed in. The console has its own sentence for each. */
export type RefusalReason = 'unavailable' | 'busy' | 'denied' | 'lost' | 'invalid' | 'domain' | 'group' | 'ended';

export class SignInRefusal extends Error {
  override readonly name = 'SignInRefusal';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(sentences[reason], options);
    this.reason = reason;
  }
}

const sentences: Readonly<Record<RefusalReason, string>> = {
  unavailable: 'The provider did not answer in time.',
  busy: 'Too many sign-ins were under way.',
  denied: 'The provider, or the person there, refused.',
  lost: 'The sign-in was not begun in this browser, or too long ago.',
  invalid: 'The answer of the provider did not hold.',
  domain: 'There was no verified address of an allowed domain.',
  group: 'No group of the person may sign in.',
  ended: 'An operator had ended the access of the person.',
};
