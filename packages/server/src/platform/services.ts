import type { Service } from './service.ts';

/** One service made of several: started in order, stopped in reverse. */
export function combineServices(services: readonly Service[]): Service {
  const started: Service[] = [];
  const stop = async () => {
    const errors: unknown[] = [];
    // Every stop runs, whatever became of the others.
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
          await stop().catch(() => undefined); // why it did not start is the error that counts
          throw error;
        });
      }
    },
    stop,
  };
}

/** The lifetime of what needs no start. */
export function toService(close: () => Promise<void>): Service {
  return { start: async () => undefined, stop: close };
}
