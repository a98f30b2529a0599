/** The bytes are not a picture that can be decoded. */
export class UnreadablePictureError extends Error {
  override readonly name = 'UnreadablePictureError';
}

/** The picture is fine and could not be stored. The cause says what to do; it may name folders, so it is for the log. */
export class MediaUnwritableError extends Error {
  override readonly name = 'MediaUnwritableError';
}
