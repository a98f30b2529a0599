/** Why a call that goes out, to an address that a user has given, could not be made. */
export class OutboundFailure extends Error {
  override readonly name: string = 'OutboundFailure';
  /** May the same call succeed in a moment? */
  readonly isTransient: boolean;

  /** `reason` ends a sentence: "… could not be had: its host name does not exist". It holds no URL and no address. */
  constructor(
    reason: string,
    { isTransient = false, cause }: { readonly isTransient?: boolean; readonly cause?: unknown } = {},
  ) {
    super(reason, { cause });
    this.isTransient = isTransient;
  }
}
