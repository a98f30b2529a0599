import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/platform/clock.ts';
import { GoogleImageModel, type GoogleImageModelOptions } from '../../src/providers/google/google-image-model.ts';
import { createStudioService } from '../../src/providers/google/studio-service.ts';
import type { ImageAnswer, ImageCall, UpstreamCheck } from '../../src/providers/image-model.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

export const apiKey = 'AIza-the-secret-key';

/** A model with a scripted upstream and its own spool folder. */
export class ModelUnderTest {
  readonly upstream: ScriptedUpstream;
  readonly model: GoogleImageModel;
  readonly spoolFolder: string;

  static async create({
    baseUrl,
    apiVersion = 'v1beta',
    ...options
  }: Partial<
    GoogleImageModelOptions & { readonly baseUrl: string; readonly apiVersion: string }
  > = {}): Promise<ModelUnderTest> {
    const upstream = await ScriptedUpstream.start();
    const service = createStudioService({ baseUrl: baseUrl ?? upstream.url, apiVersion, apiKey });
    const model = new GoogleImageModel({ service, clock: systemClock, ...options });
    return new ModelUnderTest(upstream, model, await mkdtemp(join(tmpdir(), 'google-')));
  }

  private constructor(upstream: ScriptedUpstream, model: GoogleImageModel, spoolFolder: string) {
    this.upstream = upstream;
    this.model = model;
    this.spoolFolder = spoolFolder;
  }

  generate(changes: Partial<ImageCall> = {}, signal: AbortSignal = new AbortController().signal): Promise<ImageAnswer> {
    const call: ImageCall = {
      upstreamModel: 'gemini-3-pro-image',
      turns: [{ role: 'user', parts: [{ kind: 'text', text: 'a cat' }] }],
      parameters: { imageSize: '2K', aspectRatio: '16:9' },
      format: 'png',
      imageIndex: 0,
      serviceTier: 'standard',
      spoolFolder: this.spoolFolder,
      timeoutMs: 10_000,
    };
    return this.model.generate({ ...call, ...changes }, signal);
  }

  check(): Promise<UpstreamCheck> {
    return this.model.check('gemini-3-pro-image', new AbortController().signal);
  }

  async close(): Promise<void> {
    await this.model.close();
    await this.upstream.close();
    await rm(this.spoolFolder, { recursive: true, force: true });
  }
}
