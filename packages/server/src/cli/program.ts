import { Command } from 'commander';
import { version } from '../platform/version.ts';
import { registerAttempts } from './attempts.ts';
import { registerBatch } from './batch.ts';
import { registerBudgets } from './budgets.ts';
import { registerCancel } from './cancel.ts';
import { registerCompletion } from './completion.ts';
import { registerCopy } from './copy.ts';
import { registerDoctor } from './doctor.ts';
import { registerFailed } from './failed.ts';
import { registerEdit, registerGenerate } from './generate.ts';
import { registerKeys } from './keys.ts';
import { registerMcp } from './mcp.ts';
import { registerMigrate } from './migrate.ts';
import { registerModels } from './models.ts';
import { registerOpen } from './open.ts';
import { registerPause, registerResume } from './pause.ts';
import { registerRequests } from './requests.ts';
import { registerRequeue } from './requeue.ts';
import { registerSandbox } from './sandbox.ts';
import { registerServe } from './serve.ts';
import { registerUpstreams } from './upstreams.ts';
import { registerUsage } from './usage.ts';
import { registerWatch } from './watch.ts';
import { registerWebhooks } from './webhooks.ts';

const commands = [
  registerServe,
  registerGenerate,
  registerEdit,
  registerBatch,
  registerWatch,
  registerOpen,
  registerRequests,
  registerCancel,
  registerAttempts,
  registerUsage,
  registerFailed,
  registerRequeue,
  registerUpstreams,
  registerPause,
  registerResume,
  registerBudgets,
  registerWebhooks,
  registerModels,
  registerMcp,
  registerKeys,
  registerMigrate,
  registerCopy,
  registerSandbox,
  registerDoctor,
  registerCompletion,
] as const;

/** The command line. The commands have the order in which the help lists them. */
export function createProgram(): Command {
  const program = new Command('darkroom')
    .description('Turns image requests into stored pictures.')
    .version(version)
    .showHelpAfterError('(darkroom --help lists the commands)')
    // Every command inherits this: `main` decides how a usage error ends the process.
    .exitOverride();
  for (const register of commands) register(program);
  return program;
}
