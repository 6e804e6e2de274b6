/** `npm run bench`: every part, or those named by `--only`; further options go to each part that runs. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PARTS = [
  'media',
  'rtpengine',
  'calls',
  'signalling',
  'flood',
  'ledger',
  'screening',
  'rulings',
  'events',
  'simulate',
];

const HELP = `usage: npm run bench [-- --only media,rtpengine,calls,signalling,flood,ledger,screening,rulings,events,simulate] [options of the parts]

media       the media threads alone: first packet, pacing, relay, memory, beside rtpengine and plain C (tcpdump)
rtpengine   calls relayed by rtpengine beside Brusio's own: first packet, bridge, relay (tcpdump)
calls       whole calls through the whole program, up to the knee (SIPp)
signalling  engine and application without media, beside a real drachtio-server when one is named (SIPp)
ledger      the ledger alone: written, its size, verified
flood       listed calls and questions while an unlisted address floods, against the same flood going elsewhere (SIPp)
screening   a cleared list of ten million numbers: import, memory, another writer meanwhile, look-ups (PostgreSQL)
rulings     the rules of law over ten million cleared numbers and a million locks, SQLite and PostgreSQL; what a call takes there
events      what readers of GET /v1/events cost a call
simulate    a year of calls through the rules of law: calls a second of CPU

"node bench/calls.ts --help" and its like tell the options of each. Everything runs on loopback; nothing else should
run on the machine.
`;

const args = process.argv.slice(2);
const at = args.indexOf('--only');
const wanted = at === -1 ? PARTS : (args[at + 1] ?? '').split(',');
const unknown = wanted.filter((part) => !PARTS.includes(part));
if (args.includes('--help') || args.includes('-h') || unknown.length > 0) {
  console.log(unknown.length > 0 ? `no such part: ${unknown.join(', ')}\n${HELP}` : HELP);
  process.exitCode = unknown.length > 0 ? 64 : 0;
} else {
  const rest = at === -1 ? args : args.toSpliced(at, 2);
  for (const part of wanted) {
    console.log(`\n── ${part}`);
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${part}.ts`), ...rest], {
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}
