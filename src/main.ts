#!/usr/bin/env node
/** The `brusio` command's door: says plainly which Node it needs, before anything newer than that is loaded. */
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
