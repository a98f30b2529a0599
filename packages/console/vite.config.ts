import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

export default defineConfig({
  plugins: [react(), compressAssets()],
  server: { proxy: { '/api': 'http://127.0.0.1:4600' } },
  build: {
    // The server's policy forbids data: URLs.
    assetsInlineLimit: 0,
    // Written by `compressAssets`, which knows the true sizes.
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
});

/** Writes `.br` and `.gz` beside every asset, so that the server sends them small without work of its own. */
function compressAssets(): Plugin {
  return {
    name: 'compress-assets',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const assets = Object.values(bundle).filter(({ fileName }) => /^assets\/.*\.(js|css|svg)$/.test(fileName));
      await Promise.all(
        assets.map(async (asset) => {
          const bytes = Buffer.from(asset.type === 'chunk' ? asset.code : asset.source);
          const [brotli, gzipped] = await Promise.all([
            promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
            promisify(gzip)(bytes, { level: 9 }),
          ]);
          this.emitFile({ type: 'asset', fileName: `${asset.fileName}.br`, source: brotli });
          this.emitFile({ type: 'asset', fileName: `${asset.fileName}.gz`, source: gzipped });
          this.info(
            `${asset.fileName}: ${bytes.length} bytes, ${brotli.length} with Brotli, ${gzipped.length} with gzip`,
          );
        }),
      );
    },
  };
}
