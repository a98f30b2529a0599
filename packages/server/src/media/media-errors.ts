/** The bytes are not a picture that can be decoded. */
export class UnreadablePictureError extends Error {
  override readonly name = 'UnreadablePictureError';
}

/**
 * The storage did not return an object that it has, or did not say whether it has it. The cause says what to do; it is
 * for the log.
 */
export class MediaUnreadableError extends Error {
  override readonly name = 'MediaUnreadableError';
}

/** The picture is fine but could not be stored. The cause says what to do. It may name folders, so it is for the log. */
export class MediaUnwritableError extends Error {
  override readonly name = 'MediaUnwritableError';
}

/** The picture may be fine, but decoding it would take more memory or time than is allowed. */
export class PictureTooLargeError extends UnreadablePictureError {}

/** The picture may be fine, but its type cannot be decoded here. */
export class UnsupportedPictureError extends UnreadablePictureError {}
