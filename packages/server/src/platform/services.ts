import type { Service } from './service.ts';

/** Combines several services into one. They start in order and stop in reverse order. */
export function combineServices(services: readonly Service[]): Service {
  const started: Service[] = [];
  const stop = async () => {
    const errors: unknown[] = [];
    // Every stop runs, even if others fail.
    for (let service = started.pop(); service; service = started.pop()) {
      await service.stop().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be stopped');
  };
  return {
    start: async () => {
      for (const service of services) {
        started.push(service);
        await service.start().catch(async (error: unknown) => {
          await stop().catch(() => undefined); // the error of the start matters more
          throw error;
        });
      }
    },
    stop,
  };
}

/** A service for something that needs no start. */
export function toService(close: () => Promise<void>): Service {
  return { start: async () => undefined, stop: close };
}
