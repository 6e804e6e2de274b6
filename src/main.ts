#!/usr/bin/env -S node --max-semi-space-size=4 --no-parallel-scavenge
/**
 * The `brusio` command's door: says plainly which Node it needs, before anything newer than that is loaded.
 *
 * Its flags (here, in `npm start` and in the Dockerfile) keep the pauses of V8's young collections short: at
 * 100 calls/s one in 15 MB took the main thread 25 ms a second, in 4 MB it is 3 ms ten times, and the drop at 3.000 s is on
 * time. Helper threads would be waited for where cores are scarce: one collection was seen to last 400 ms for them.
 */
const NODE_MAJOR_MIN = 24;

if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `brusio needs Node ${NODE_MAJOR_MIN} or later; this is ${process.versions.node}. ` +
      'In a checkout, "npm ci" brings the right one: start it through npm, as in "npm start".\n',
  );
  process.exitCode = 1;
} else {
  const { brusio } = await import('./cli/brusio.ts');
  process.exitCode = await brusio(process.argv.slice(2));
}
