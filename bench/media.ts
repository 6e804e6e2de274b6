/**
 * The media plane alone, how fast it is and how its cost grows, beside rtpengine and plain C in the same run.
 *
 * Times are the kernel's (tcpdump), CPU is that of the media threads as /proc tells it, taken without the capture.
 */
import { numbersIn, optionsOf } from './load/options.ts';
import { ANSWERS_COLUMNS, answers } from './media/answers.ts';
import { C_COLUMNS, cLimit } from './media/c-limit.ts';
import { LISTENING_COLUMNS, listening } from './media/listening.ts';
import { MEMORY_COLUMNS, memory } from './media/memory.ts';
import { PACING_COLUMNS, pacing, rtpenginePacing } from './media/pacing.ts';
import { RELAY_COLUMNS, relay } from './media/relay.ts';
import { rtpengineRelay, rtpengineVersion } from './media/rtpengine.ts';
import { placeText, startTable } from './media/table.ts';

const HELP = `usage: npm run bench -- --only media [--parts limit,answers,pacing,busy,relay,listening,memory] [--seconds 8] [--workers 1] [--native yes|no]
                                    [--answers 10,50,200] [--streams 1000,2000,4000] [--calls 100,250,500]
   or: node bench/media.ts [the same options]

limit    what a packet costs in plain C (needs a C compiler)
answers  answer → first packet, and the CPU of a call with 3 s of ambience
pacing   |Δ−20 ms| of paced streams, beside rtpengine's \`play media\` at the first size (needs rtpengine)
busy     the same while the main thread is busy on JSON, with and without raised priority
relay    calls both ways: CPU a packet, added latency, loss, beside rtpengine
listening  what it costs to listen for a callee's greeting, CPU a packet
memory   octets a call

Each row takes some seconds more than --seconds. Needs tcpdump, and the machine for itself.
`;

async function main(): Promise<void> {
  const defaults = {
    parts: 'limit,answers,pacing,busy,relay,listening,memory',
    seconds: '8',
    workers: '1',
    native: 'yes',
    answers: '10,50,200',
    streams: '1000,2000,4000',
    calls: '100,250,500',
  };
  const options = optionsOf(HELP, defaults, ['tcpdump']);
  if (options === null) return;
  const seconds = Number(options.seconds);
  const plane = { workers: Number(options.workers), native: options.native === 'yes' };
  const [streams, calls] = [numbersIn(options.streams), numbersIn(options.calls)];
  const rtpengine = rtpengineVersion();
  console.log(
    `${placeText()}\nmedia threads: ${plane.workers}, add-on ${plane.native ? 'where built' : 'not used'}; rtpengine: ${rtpengine ?? 'not installed, left out'}`,
  );

  const parts: Readonly<Record<string, () => Promise<void>>> = {
    async limit() {
      const rows = cLimit();
      if (typeof rows === 'string') return console.log(`\n${rows}`);
      const table = startTable('What the machine allows', C_COLUMNS);
      for (const row of rows) table.row(row);
    },
    async answers() {
      const table = startTable('Answer → first packet', ANSWERS_COLUMNS);
      for (const perSecond of numbersIn(options.answers)) table.row(await answers(plane, perSecond, seconds));
    },
    async pacing() {
      const table = startTable('Ambience', PACING_COLUMNS);
      for (const count of streams)
        table.row(await pacing(plane, { streams: count, busy: false, raised: true }, seconds));
      if (rtpengine !== null) table.row(await rtpenginePacing(streams[0] ?? 0, seconds));
    },
    async busy() {
      const table = startTable('Ambience while the main thread is busy, and without raised priority', PACING_COLUMNS);
      for (const count of streams) {
        for (const [busy, raised] of [
          [true, true],
          [true, false],
          [false, false],
        ] as const) {
          table.row(await pacing(plane, { streams: count, busy, raised }, seconds));
        }
      }
    },
    async relay() {
      const table = startTable('Relay', RELAY_COLUMNS);
      for (const count of calls) {
        table.row(await relay(plane, count, seconds));
        if (rtpengine !== null) table.row(await rtpengineRelay(count, seconds));
      }
    },
    async listening() {
      const table = startTable('Listening for a greeting', LISTENING_COLUMNS);
      for (const codec of ['PCMA', 'PCMU', 'G722'] as const) table.row(listening(codec));
    },
    async memory() {
      const table = startTable('Memory', MEMORY_COLUMNS);
      table.row(await memory(plane, streams[0] ?? 0));
    },
  };
  for (const name of options.parts.split(',')) {
    const part = parts[name];
    if (part === undefined) throw new Error(`no such part: ${name}\n${HELP}`);
    await part();
  }
}

await main();
