import path from 'node:path';
import { build, type Rolldown } from 'vite';

interface BundleOptions {
  /** A global variable that holds what the entry exports. Left out: the bundle is a module. */
  readonly name?: string;
  readonly isMinified?: boolean;
}

/** Bundles a file, relative to this folder, and everything that it imports into one script for browsers. */
export async function bundleForBrowser(entry: string, { name, isMinified = false }: BundleOptions): Promise<string> {
  const file = path.resolve(import.meta.dirname, entry);
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: isMinified,
      lib: name === undefined ? { entry: file, formats: ['es'] } : { entry: file, formats: ['iife'], name },
    },
  });
  const [output] = [built].flat();
  if (!output || !('output' in output)) throw new Error('Vite has built nothing.');
  const code = output.output.map(toCode).join('\n');
  if (code.includes('__vite-browser-external')) throw new Error('The SDK imports a module of Node.');
  return code;
}

function toCode(file: Rolldown.OutputChunk | Rolldown.OutputAsset): string {
  return file.type === 'chunk' ? file.code : '';
}
