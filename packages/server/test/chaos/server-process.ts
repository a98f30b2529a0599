import { composeServer } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { type ClockState, JumpingClock } from './jumping-clock.ts';
import { limitDatabases, type StorageState, TroubledStorage } from './troubled-storage.ts';

/**
 * A child of the chaos test: a whole Darkroom whose clock and disk the parent sets. It takes its settings from the
 * environment, starts with a `MachineState` as JSON in its first argument, receives further ones, and sends
 * `ServerNews`.
 */

/** All processes of a machine have the same clock and the same disk. */
export interface MachineState extends ClockState {
  readonly storage: StorageState;
  readonly isDatabaseFull: boolean;
}

export interface ServerNews {
  readonly url: string;
}

const machineAtStart = JSON.parse(process.argv[2] ?? '') as MachineState; // the parent wrote it
const clock = new JumpingClock(machineAtStart);
const storage = new TroubledStorage();
let isDatabaseFull = false;
const obey = (machine: MachineState) => {
  clock.set(machine);
  storage.state = machine.storage;
  isDatabaseFull = machine.isDatabaseFull;
};
let latest = machineAtStart;
process.on('message', (message) => {
  latest = message as MachineState; // the parent sends nothing else
  obey(latest);
});
// Without the parent, nothing would ever end this process.
process.on('disconnect', () => process.exit(1));
limitDatabases(() => isDatabaseFull);

const config = loadConfig({ env: process.env, flags: {}, folder: import.meta.dirname });
const server = await composeServer(config, createLogger(config.logLevel), {
  clock,
  wrapDriver: (driver) => storage.wrap(driver),
});
await server.start();
obey(latest);
process.on('SIGTERM', () => {
  server.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.({ url: server.url } satisfies ServerNews);
