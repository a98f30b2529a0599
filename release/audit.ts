import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readLock } from './lock.ts';
import { root } from './published.ts';

/** `npm run audit`: what is known about the packages that users install with ours. Development tools do not count. */

/** The licences under which we pass on or depend on others' work. */
const accepted: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-3-Clause',
  'ISC',
  // The library of sharp, which is linked dynamically and can be replaced.
  'LGPL-3.0-or-later',
  'MIT',
]);

/** Checks the licences in the lock file. Resolves to a sentence; rejects with the packages that have others. */
export function checkLicences(): string {
  const installed = Object.entries(readLock()).filter(
    ([place, { dev, link }]) => place.startsWith('node_modules/') && !dev && !link,
  );
  const others = installed.filter(
    ([, { license = 'none' }]) => !license.split(' AND ').every((one) => accepted.has(one)),
  );
  if (others.length > 0)
    throw new Error(
      `These packages have other licences:\n${others.map(([place, { license }]) => `  ${place}: ${license}`).join('\n')}`,
    );
  return `${installed.length} packages have accepted licences.`;
}

/** Asks the registry for known vulnerabilities. Resolves to a sentence; rejects when there are grave ones. */
export async function audit(): Promise<string> {
  const words = ['audit', '--omit=dev', '--json'];
  const printed = await promisify(execFile)('npm', words, { cwd: root, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => stdout,
    // npm also fails when it has found something.
    (error: { readonly stdout?: string }) => error.stdout ?? '',
  );
  const { metadata } = readAudit(printed);
  if (!metadata) return 'Vulnerabilities: skipped, because no registry answers audits here.';
  const { critical, high, total } = metadata.vulnerabilities;
  if (critical + high > 0) throw new Error(`npm audit found ${critical} critical and ${high} high vulnerabilities.`);
  return `Vulnerabilities: none that is high or critical, ${total} in all.`;
}

interface AuditReport {
  readonly metadata?: {
    readonly vulnerabilities: { readonly critical: number; readonly high: number; readonly total: number };
  };
}

function readAudit(text: string): AuditReport {
  try {
    return JSON.parse(text) as AuditReport; // as npm documents it
  } catch {
    return {};
  }
}

if (import.meta.main) {
  console.log(checkLicences());
  console.log(await audit());
}
