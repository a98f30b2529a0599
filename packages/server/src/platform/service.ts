/** Anything with a lifetime. */
export interface Service {
  start(): Promise<void>;
  /** Resolves when nothing that the service began still runs. Stopping twice has no further effect. */
  stop(): Promise<void>;
}
