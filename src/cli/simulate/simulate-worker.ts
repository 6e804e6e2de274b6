/** A thread that runs campaigns with one register of locks, day by day, until it is done or told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { createGroupRun } from '../../simulation/group.ts';
import type { SimulateReply, SimulateTask } from './simulate-message.ts';

assert(parentPort !== null, 'the simulation runs in a thread');
const port = parentPort;
const { plan, stop } = workerData as SimulateTask;
const reply = (message: SimulateReply) => port.postMessage(message);
const asked = new Int32Array(stop);

const run = createGroupRun(plan);
let days = 0;
let goesOn = true;
while (goesOn && Atomics.load(asked, 0) === 0) {
  goesOn = run.day();
  days++;
  reply({ type: 'day', days, invites: run.invites() });
}
run.finish();
const { user, system } = process.threadCpuUsage();
reply({ type: 'done', days, invites: run.invites(), cpuMs: (user + system) / 1_000, results: run.results() });
port.close();
