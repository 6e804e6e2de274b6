/** What a process uses, as Linux tells it in proc(5): CPU by thread, memory, open files. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks of 10 ms: sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

const PAGE_OCTETS = 4096;

/** CPU time used so far in ms, by thread name; threads of one name are summed. */
export type CpuByThread = Readonly<Record<string, number>>;

/** Names of threads that all of Node's threads share for compiling and for collecting garbage. */
const SHARED_THREADS = /^(V8Worker|DelayedTaskSche|libuv-worker|SignalInspector)/;

/** Of a running process; throws when it has ended. */
export function cpuByThread(pid: number): CpuByThread {
  const used: Record<string, number> = {};
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1');
    } catch {
      // The thread ended between the two looks.
      continue;
    }
    const { name, cpuMs } = parseStat(text);
    const group = SHARED_THREADS.test(name) ? 'V8 helpers' : name === 'MainThread' ? 'main' : name;
    used[group] = (used[group] ?? 0) + cpuMs;
  }
  return used;
}

/** CPU time of a whole process in ms, ended threads included; 0 when it has ended. */
export function cpuOf(pid: number): number {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1')).cpuMs;
  } catch {
    return 0;
  }
}

/** The difference of two readings, by thread. */
export function cpuBetween(before: CpuByThread, after: CpuByThread): CpuByThread {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

/** All threads together. */
export function cpuSum(cpu: CpuByThread): number {
  return Object.values(cpu).reduce((sum, ms) => sum + ms, 0);
}

/** Resident memory in octets. */
export function residentOctets(pid: number): number {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
  return Number(pages) * PAGE_OCTETS;
}

/** Open file descriptors. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The name stands in parentheses and may hold anything; utime and stime are the 14th and 15th field. */
function parseStat(text: string): { readonly name: string; readonly cpuMs: number } {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
  };
}
