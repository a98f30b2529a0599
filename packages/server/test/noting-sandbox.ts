import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pixels, ServiceTier } from '@darkroom/protocol';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import { afterAll, beforeAll } from 'vitest';
import type { Usage } from '../src/core/usage.ts';
import type { ImageCall } from '../src/providers/image-model.ts';
import type { ConnectedModel } from '../src/providers/provider.ts';
import { drawPlain } from './draw-plain.ts';

type NotedCall = Pick<ImageCall, 'upstreamModel' | 'parameters' | 'pixels'> & Partial<Pick<ImageCall, 'serviceTier'>>;

export interface NotingSandbox {
  /** The pixels that were asked for, by the prompt. */
  readonly drawn: ReadonlyMap<string, Pixels>;
  /** Makes one call for a picture, and resolves to what the upstream counted, and in which tier. */
  draw(prompt: string, call: NotedCall): Promise<{ readonly usage: Usage; readonly serviceTier?: ServiceTier }>;
}

/** A vendor's client before a sandbox that notes the pixels that it is asked for, and draws one. */
export function useNotingSandbox(connect: (url: string) => ConnectedModel): NotingSandbox {
  let folder: string;
  let sandbox: SandboxServer;
  let model: ConnectedModel;
  const drawn = new Map<string, Pixels>();

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'darkroom-table-'));
    const order = { prompt: '', edits: [], references: [], take: { scene: 1, shade: 0 } };
    const tiny = await drawPlain({ ...order, pixels: { width: 1, height: 1 } });
    const illustrate = async ({ prompt, pixels }: { readonly prompt: string; readonly pixels: Pixels }) => {
      drawn.set(prompt, pixels);
      return tiny;
    };
    sandbox = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder: folder, illustrate });
    await sandbox.start();
    model = connect(sandbox.url);
  });

  afterAll(async () => {
    await model.close();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });

  const draw: NotingSandbox['draw'] = async (prompt, call) => {
    const spoolFolder = await mkdtemp(path.join(folder, 'call-'));
    const turns = [{ role: 'user', parts: [{ kind: 'text', text: prompt }] }] as const;
    const rest = { format: 'png', imageIndex: 0, serviceTier: 'standard', spoolFolder, timeoutMs: 10_000 } as const;
    const answer = await model.generate({ ...rest, ...call, turns }, new AbortController().signal);
    if (answer.kind !== 'pictures' || !answer.usage) throw new Error(JSON.stringify(answer));
    const { usage, serviceTier } = answer;
    return { usage, ...(serviceTier && { serviceTier }) };
  };
  return { drawn, draw };
}
