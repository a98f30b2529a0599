/** Why somebody is not signed in. The console has a sentence for each. */
export type RefusalReason =
  /** The provider does not answer, or not in time. */
  | 'unavailable'
  /** Too many sign-ins are under way. */
  | 'busy'
  /** The provider, or the person there, refused. */
  | 'denied'
  /** The sign-in was not begun in this browser, or too long ago. */
  | 'lost'
  /** The provider's answer does not hold. */
  | 'invalid'
  /** The address of the person is of no allowed domain, or was not verified. */
  | 'domain'
  /** No group of the person has a role. */
  | 'group'
  /** An operator has ended the access of the person. */
  | 'ended';

export class SignInRefusal extends Error {
  override readonly name = 'SignInRefusal';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(`The sign-in was refused: ${reason}.`, options);
    this.reason = reason;
  }
}
