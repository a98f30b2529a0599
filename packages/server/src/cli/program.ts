import { Command } from 'commander';
import { version } from '../platform/version.ts';

/** What registers each command, in the order in which the help lists them. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./serve.ts')).registerServe,
  generate: async () => (await import('./generate.ts')).registerGenerate,
  edit: async () => (await import('./generate.ts')).registerEdit,
  batch: async () => (await import('./batch.ts')).registerBatch,
  watch: async () => (await import('./watch.ts')).registerWatch,
  open: async () => (await import('./open.ts')).registerOpen,
  requests: async () => (await import('./requests.ts')).registerRequests,
  cancel: async () => (await import('./cancel.ts')).registerCancel,
  delete: async () => (await import('./delete.ts')).registerDelete,
  attempts: async () => (await import('./attempts.ts')).registerAttempts,
  usage: async () => (await import('./usage.ts')).registerUsage,
  failed: async () => (await import('./failed.ts')).registerFailed,
  requeue: async () => (await import('./requeue.ts')).registerRequeue,
  upstreams: async () => (await import('./upstreams.ts')).registerUpstreams,
  'batch-jobs': async () => (await import('./batch-jobs.ts')).registerBatchJobs,
  pause: async () => (await import('./pause.ts')).registerPause,
  resume: async () => (await import('./pause.ts')).registerResume,
  budgets: async () => (await import('./budgets.ts')).registerBudgets,
  webhooks: async () => (await import('./webhooks.ts')).registerWebhooks,
  models: async () => (await import('./models.ts')).registerModels,
  mcp: async () => (await import('./mcp.ts')).registerMcp,
  keys: async () => (await import('./keys.ts')).registerKeys,
  organizations: async () => (await import('./organizations.ts')).registerOrganizations,
  audit: async () => (await import('./audit.ts')).registerAudit,
  sessions: async () => (await import('./sessions.ts')).registerSessions,
  migrate: async () => (await import('./migrate.ts')).registerMigrate,
  copy: async () => (await import('./copy.ts')).registerCopy,
  backup: async () => (await import('./backup.ts')).registerBackup,
  restore: async () => (await import('./restore.ts')).registerRestore,
  verify: async () => (await import('./verify.ts')).registerVerify,
  sandbox: async () => (await import('./sandbox.ts')).registerSandbox,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  completion: async () => (await import('./completion.ts')).registerCompletion,
};

/** The command line, with the commands of the given names; with all when left out. */
export async function createProgram(names: readonly string[] = Object.keys(commands)): Promise<Command> {
  const program = new Command('darkroom')
    .description('Turns image requests into stored pictures.')
    .version(version)
    .showHelpAfterError('(darkroom --help lists the commands)')
    // Every command inherits this: `main` decides how a usage error ends the process.
    .exitOverride();
  const registering = Object.entries(commands).flatMap(([name, load]) => (names.includes(name) ? load() : []));
  for (const register of await Promise.all(registering)) register(program);
  return program;
}

/** The command line for these words: with the command that they name alone, if that is enough. It starts in less time then. */
export function createProgramFor([name = '']: readonly string[]): Promise<Command> {
  const needsAll = !Object.hasOwn(commands, name) || name === 'completion';
  return createProgram(needsAll ? undefined : [name]);
}
