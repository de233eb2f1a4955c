/** What another process has used, from the books that Linux keeps of it. */
import { readFile } from 'node:fs/promises';

/** The CPU time that a process has used, its threads together, in milliseconds; the clock ticks every ten. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) * 10;
}

/** What a process has resident, now and at most, in bytes. */
export async function memoryOf(pid: number): Promise<{ readonly resident: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024;
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
}
