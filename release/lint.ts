import { type Packed, run } from './pack.ts';
import { isImported } from './published.ts';

/** What publint and Are The Types Wrong find in a packed package; rejects with their report. */
export async function lint({ tarball, published }: Packed): Promise<void> {
  await run('publint', [tarball, '--strict']);
  if (!isImported(published)) return;
  // Resolution as of Node 10, without `exports`, is not served.
  const profile = published.format === 'esm' ? 'esm-only' : 'node16';
  await run('attw', [tarball, '--profile', profile, '--format', 'ascii']);
}
