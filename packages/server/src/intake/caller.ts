/** On whose behalf a use case runs. */
export interface Caller {
  readonly organizationId: string;
  readonly apiKeyId: string;
}
