import { readFile } from 'node:fs/promises';

/** Figures of a process from Linux. Other systems have no `/proc`, so these functions reject with a sentence saying so. */

/** The CPU time of all threads of the process, in milliseconds. It is as exact as Linux's tick of 10 ms. */
export async function readCpuMs(pid: number): Promise<number> {
  const stat = await readProc(pid, 'stat');
  // The name of the program is in parentheses and may contain blanks: man 5 proc_pid_stat.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error(`/proc/${pid}/stat cannot be read as figures.`);
  return ticks * 10;
}

/** The memory in use now, and the peak so far, in bytes. */
export async function readMemory(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readProc(pid, 'status');
  const read = (name: string) => {
    const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no ${name}.`);
    return Number(kibibytes) * 1024;
  };
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

async function readProc(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch((cause: unknown) => {
    throw new Error(`/proc/${pid}/${name} cannot be read: the process has ended, or this is not Linux.`, { cause });
  });
}
