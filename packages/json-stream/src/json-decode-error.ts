/**
 * Why a JSON body could not be decoded. `truncated`: it ended before its value did. `too-large`: it exceeds one of the
 * limits. `bad-base64`: a string that should hold base64 holds something else.
 */
export class JsonDecodeError extends Error {
  override readonly name = 'JsonDecodeError';
  readonly kind: 'syntax' | 'truncated' | 'too-large' | 'bad-base64';

  constructor(kind: JsonDecodeError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
