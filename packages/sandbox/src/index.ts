export { stageOpenaiRefusal } from './openai/refusals.ts';
export type { Illustrate } from './picture.ts';
export { createSandboxServer, type SandboxServer, type SandboxServerOptions } from './sandbox-server.ts';
export { serveSandbox } from './serve-sandbox.ts';
export { stageRefusal } from './staged-refusals.ts';
