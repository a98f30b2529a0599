/** Why a call to an address from a user could not be made. */
export class OutboundFailure extends Error {
  override readonly name: string = 'OutboundFailure';
  /** Whether the same call may soon succeed. */
  readonly isTransient: boolean;

  /** `reason` ends a sentence: "… could not be fetched: its host name does not exist". It contains no URL and no address. */
  constructor(
    reason: string,
    { isTransient = false, cause }: { readonly isTransient?: boolean; readonly cause?: unknown } = {},
  ) {
    super(reason, { cause });
    this.isTransient = isTransient;
  }
}
