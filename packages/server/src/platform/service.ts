/** Anything with a lifetime. */
export interface Service {
  start(): Promise<void>;
  /** Resolves when nothing that the service began still runs. Stopping twice is stopping once. */
  stop(): Promise<void>;
}
