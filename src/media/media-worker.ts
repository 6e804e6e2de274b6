/**
 * The media thread: every RTP socket, the pacer's timer, and nothing else. All decisions are in the files beside it.
 */
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { frameAtMs } from '../audio/clip.ts';
import { FRAME_MS } from '../audio/codec.ts';
import { assert } from '../base/assert.ts';
import { addMs, type MonotonicMs, systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { watchThread } from '../base/thread-load.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CallNetworks } from '../call/media-network.ts';
import type { CallAmbience } from '../guard/media-port.ts';
import { type AmbienceLoop, ambienceLoop } from './ambience-player.ts';
import { MediaCall } from './media-call.ts';
import type { CallCommand, MediaCommand, MediaNotice, MediaWorkerData } from './media-message.ts';
import { nodeUdp } from './media-worker-dgram.ts';
import { nativeUdp } from './media-worker-native.ts';
import { type LegSockets, openLeg } from './media-worker-sockets.ts';
import type { OnDatagram, Udp } from './media-worker-udp.ts';
import { Pacer } from './pacer.ts';
import { PortPool } from './port-pool.ts';
import { rehearsalOf } from './rehearsal.ts';
import { randomCname, randomStart, uniform } from './stream-chance.ts';

/**
 * The wheel's tick. What is due at one tick leaves in a row, and a packet's place in the row varies with what the
 * machine is doing: 1,000 streams on a busy machine had p99 |Δ−20 ms| of 2–4 ms at this tick, 22–58 ms at 5 ms, 7–34 ms at
 * 1 ms (where the thread is always asleep or sending), at the same cost.
 */
const TICK_MS = 2;

/**
 * While nothing plays there are only looks whether a dialer has fallen silent: those that are due within so many ms of one another
 * are made at once, since every wake-up of JavaScript costs as much as some packets that pass without it.
 */
const LOOKS_TOGETHER_MS = 8;

/** What is due in seconds (RTCP) is served in groups by a timer of its own, which runs while there are calls. */
const CHORE_TICK_MS = 50;
const CHORE_TURN_MS = 1000;

/** Above what the main thread and its garbage collector run at, below the kernel's own threads. */
const WORKER_NICENESS = -15;

type LiveCall = { readonly call: MediaCall; readonly dialer: LegSockets; readonly callee: LegSockets };

assert(parentPort !== null, 'the media worker is a thread');
const port = parentPort;
const { options, clips, bell }: MediaWorkerData = workerData;
const loops: ReadonlyMap<string, AmbienceLoop> = new Map([...clips].map(([id, clip]) => [id, ambienceLoop(clip)]));
const calls = new Map<CallId, LiveCall>();
/** Calls whose sockets are being bound; those that were closed meanwhile are taken out. */
const opening = new Set<CallId>();
const pool = new PortPool(options.portMin, options.portMax, uniform());
pool.rest(options.portsResting, systemClock.monotonicMs());
const watch = watchThread(systemClock);
const pacer = new Pacer(systemClock.monotonicMs(), TICK_MS, FRAME_MS);
const chores = new Pacer(systemClock.monotonicMs(), CHORE_TICK_MS, CHORE_TURN_MS);
let choreTimer: NodeJS.Timeout | undefined;
const udp = chooseUdp();
const alarm = udp.alarm(wake);
let alarmAt: MonotonicMs | null = null;

await start();

async function start(): Promise<void> {
  raisePriority();
  // One pair of each is bound for a moment: a wrong address is better learned now than by the first call.
  const { dialers, carriers } = options.addresses;
  for (const address of new Set([dialers.bind, carriers.bind])) {
    const rehearsal = rehearsalOf(loops.values().next().value ?? null, address, () => udp.now());
    const probe = await openLeg(udp, address, pool, rehearsal.handlers);
    if (!probe.ok) return refuseToStart('media.worker-failed', probe.problem.problem);
    await rehearsal.play(probe.value);
    probe.value.close();
  }
  port.on('message', (command: MediaCommand) => {
    take(command);
    arm();
  });
  post({ type: 'ready', udp: udp.name });
}

function refuseToStart(code: string, problem: string): void {
  post({ type: 'unusable', code, problem });
  watch.stop();
  udp.stop();
  port.close();
}

function take(command: MediaCommand): void {
  switch (command.type) {
    case 'stop':
      stop();
      break;
    case 'open':
      void open(command.callId, command.ambience, command.networks);
      break;
    case 'close':
      close(command.callId);
      break;
    case 'load':
      post({ type: 'load', load: watch.read() });
      break;
    default:
      contained(command.callId, () => direct(calls.get(command.callId)?.call, command));
  }
}

/** A command for a call that is not open crossed its close. */
function direct(call: MediaCall | undefined, command: CallCommand): void {
  switch (command.type) {
    case 'set-dialer':
      call?.setDialer(command.dialer);
      break;
    case 'set-callee':
      call?.setCallee(command.callee);
      break;
    case 'relay-early-media':
      call?.relayEarlyMedia(command.callee);
      break;
    case 'play-ambience':
      call?.playAmbience(command.callee, command.answeredAt);
      break;
    case 'announce':
      call?.announce();
      break;
    case 'relay':
      call?.relay(command.callee);
      break;
    case 'connect':
      call?.connect(command.callee);
      break;
    case 'stand-aside':
      call?.standAside();
      break;
  }
}

async function open(callId: CallId, ambience: CallAmbience, networks: CallNetworks): Promise<void> {
  const loop = loops.get(ambience.id);
  const announcement = ambience.announcement === undefined ? null : loops.get(ambience.announcement);
  if (loop === undefined || announcement === undefined) {
    const problem = `no clip ${loop === undefined ? ambience.id : ambience.announcement} is loaded`;
    return post({ type: 'open-failed', callId, code: 'media.no-clip', problem });
  }
  opening.add(callId);
  let call: MediaCall | null = null;
  const onError = (detail: string) => call?.sendFailed(detail);
  const dialerAt = options.addresses[networks.dialer];
  const calleeAt = options.addresses[networks.carrier];
  const dialer = await openLeg(udp, dialerAt.bind, pool, {
    onRtp: containing(callId, (packet, address, from) => call?.fromDialer(packet, address, from)),
    onRtcp: containing(callId, (packet, address, from) => call?.rtcpFromDialer(packet, address, from)),
    onError,
  });
  const callee = await openLeg(udp, calleeAt.bind, pool, {
    onRtp: containing(callId, (packet, address, from) => call?.fromCallee(packet, address, from)),
    onRtcp: containing(callId, (packet, address, from) => call?.rtcpFromCallee(packet, address, from)),
    onError,
  });
  const wanted = opening.delete(callId);
  if (!dialer.ok || !callee.ok || !wanted) {
    if (dialer.ok) dialer.value.close();
    if (callee.ok) callee.value.close();
    const { code, problem } = (dialer.ok ? null : dialer.problem) ?? (callee.ok ? null : callee.problem) ?? CLOSED;
    return post({ type: 'open-failed', callId, code, problem });
  }
  call = new MediaCall({
    pacer,
    loop,
    firstFrame: frameAtMs(loop.clip, ambience.startMs),
    announcement,
    listensForGreeting: ambience.listensForGreeting === true,
    ear: {
      onSpeech: (at) => post({ type: 'event', event: { type: 'callee-speaks', callId, at } }),
      onQuiet: (at) => post({ type: 'event', event: { type: 'callee-quiet', callId, at } }),
      onKey: (digit) => post({ type: 'event', event: { type: 'callee-key', callId, digit } }),
    },
    onAnnounced: (at) => post({ type: 'event', event: { type: 'announced', callId, at } }),
    calleeStream: randomStart(),
    dialerStream: randomStart(),
    sendToCallee: callee.value.send,
    sendToDialer: dialer.value.send,
    bypass: {
      toCallee: dialer.value.rtp.bypassTo(callee.value.rtp),
      toDialer: callee.value.rtp.bypassTo(dialer.value.rtp),
    },
    rtcp: {
      chores,
      calleeCname: randomCname(),
      dialerCname: randomCname(),
      sendToCallee: callee.value.sendRtcp,
      sendToDialer: dialer.value.sendRtcp,
      uniform,
      wallOffsetMs: wallOffsetMs(),
    },
    now: () => udp.now(),
    onAmbienceStarted: (afterMs) => post({ type: 'event', event: { type: 'ambience-started', callId, afterMs } }),
    silence: options.silence,
    voiceActivity: options.voiceActivity,
    onVoice: () => post({ type: 'event', event: { type: 'dialer-speaks', callId } }),
    onSilent: (leg, forMs) => post({ type: 'event', event: { type: 'silent', callId, leg, forMs } }),
    onDialerHeard: () => post({ type: 'event', event: { type: 'dialer-heard', callId } }),
    onFailed: (detail) => post({ type: 'event', event: { type: 'failed', callId, detail } }),
  });
  choreTimer ??= setInterval(() => chores.run(systemClock.monotonicMs()), CHORE_TICK_MS);
  calls.set(callId, { call, dialer: dialer.value, callee: callee.value });
  const addresses = {
    dialer: { address: dialerAt.advertised, port: dialer.value.port },
    carrier: { address: calleeAt.advertised, port: callee.value.port },
  };
  post({ type: 'opened', callId, addresses });
}

const CLOSED = { code: 'media.closed', problem: 'the call was closed while its ports were being opened' };

/** A bug met in one call ends that call, and no other. */
function contained(callId: CallId, step: () => void): void {
  try {
    step();
  } catch (error) {
    calls.get(callId)?.call.abandon(describeError(error));
  }
}

/** The same of a call's packets, without an object for each. */
function containing(callId: CallId, onDatagram: OnDatagram): OnDatagram {
  return (packet, address, from) => {
    try {
      onDatagram(packet, address, from);
    } catch (error) {
      calls.get(callId)?.call.abandon(describeError(error));
    }
  };
}

function close(callId: CallId): void {
  opening.delete(callId);
  const live = calls.get(callId);
  calls.delete(callId);
  live?.call.stop();
  live?.dialer.close();
  live?.callee.close();
  if (calls.size === 0) {
    clearInterval(choreTimer);
    choreTimer = undefined;
  }
  post({ type: 'closed', callId, report: live?.call.report() ?? null });
}

function stop(): void {
  for (const callId of [...calls.keys()]) close(callId);
  alarm.set(null, false);
  watch.stop();
  udp.stop();
  port.close();
}

/** Sets the alarm to the next tick at which a stream is due; none is set while no stream plays. */
function arm(): void {
  const due = pacer.nextDue();
  const plays = pacer.playing > 0;
  const at = due === null || plays ? due : addMs(due, LOOKS_TOGETHER_MS);
  if (at === alarmAt) return;
  alarmAt = at;
  alarm.set(at, plays);
}

function wake(): void {
  alarmAt = null;
  pacer.run(systemClock.monotonicMs());
  arm();
}

function post(notice: MediaNotice): void {
  port.postMessage(notice);
}

/** On Linux the niceness set from a thread is the thread's own; without the right to raise it, it stays as it is. */
function raisePriority(): void {
  try {
    if (getPriority() > WORKER_NICENESS) setPriority(WORKER_NICENESS);
  } catch {
    return;
  }
}

/** The compiled add-on where it was built and is not ruled out, else Node's own sockets. */
function chooseUdp(): Udp {
  const native = options.native ? nativeUdp() : null;
  return native?.ok === true ? native.value : nodeUdp(new Int32Array(bell));
}

function wallOffsetMs(): number {
  const { wallMs, monotonicMs } = systemClock.now();
  return wallMs - monotonicMs;
}
