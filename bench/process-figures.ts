import { readFile } from 'node:fs/promises';

/** What Linux tells about a process. Elsewhere there is no `/proc`, and these reject with a sentence that says so. */

/** The time that all threads of the process have been on a core, in milliseconds; as exact as Linux's tick of 10 ms. */
export async function readCpuMs(pid: number): Promise<number> {
  const stat = await readProc(pid, 'stat');
  // The name of the program stands in parentheses and may hold blanks: man 5 proc_pid_stat.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error(`/proc/${pid}/stat cannot be read as figures.`);
  return ticks * 10;
}

/** Memory that is in use now, and the most that ever was, in bytes. */
export async function readMemory(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readProc(pid, 'status');
  const read = (name: string) => {
    const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    if (kibibytes === undefined) throw new Error(`/proc/${pid}/status does not tell ${name}.`);
    return Number(kibibytes) * 1024;
  };
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

async function readProc(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch((cause: unknown) => {
    throw new Error(`/proc/${pid}/${name} cannot be read: the process has ended, or this is not Linux.`, { cause });
  });
}
