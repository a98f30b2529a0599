/** What the upstream counted for one call, in tokens. Image tokens cost ten times what text tokens cost. */
export interface Usage {
  readonly promptTokens: number;
  /** Of the prompt: tokens of pictures, where the upstream counts them apart. */
  readonly promptImageTokens?: number;
  /** Of the answer: tokens of modality IMAGE. */
  readonly imageTokens: number;
  /** Of the answer: all other tokens, thoughts not included. */
  readonly textTokens: number;
  readonly thoughtTokens: number;
  readonly totalTokens: number;
}
