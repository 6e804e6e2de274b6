/**
 * What is told when a test fails: everything that the ends of its calls, Brusio and the webhook's receiver noted since it
 * began, in one order of time. A machine that runs the tests shows nothing else.
 */
import { loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { header, type SipMessage } from './sip-trace.ts';

/** Something that happened; wall clock, milliseconds. Of a text of several lines, such as a program's own log, the end is told. */
export type Moment = { readonly atMs: number; readonly text: string };

/** Whoever can tell what happened around a test; everything it ever noted, in any order. */
export type Witness = { moments(): readonly Moment[] };

/** More says nothing new; the first ones and the last ones are told. */
const MOMENTS_MAX = 160;
const FIRST_MOMENTS = 40;
const TEXT_MAX = 220;
const LOG_MAX = 2_500;

/** What was under way when a test began belongs to it: a scenario is started some milliseconds before. */
const witnesses = new Set<Witness>();
const delay = monitorEventLoopDelay({ resolution: 10 });

/** From now on this one is asked when a test fails. */
export function hearOnFailure(witness: Witness): void {
  witnesses.add(witness);
}

/** Forgets what belongs to no test that is still to come. */
export function forgetWitnesses(): void {
  witnesses.clear();
}

/** A test begins: how long this process is held up is measured anew. */
export function beginStory(): void {
  delay.enable();
  delay.reset();
}

/** For how long this process was held up since the test began, at most: what it sends and reads is late by so much. */
export function heldUpMs(): number {
  return delay.max / 1e6;
}

/** The moments from `sinceMs` on, each with its distance from it, and how busy the machine was. */
export function storySince(sinceMs: number): string {
  const moments = [...witnesses]
    .flatMap((witness) => witness.moments())
    .filter(({ atMs }) => atMs >= sinceMs)
    .sort((a, b) => a.atMs - b.atMs);
  const left = moments.length - MOMENTS_MAX;
  const told = moments.map(({ atMs, text }) => `${((atMs - sinceMs) / 1_000).toFixed(3).padStart(8)} ${cut(text)}`);
  if (left > 0) told.splice(FIRST_MOMENTS, left, `         … ${left} more …`);
  return [
    `began at ${new Date(sinceMs).toISOString()}; load ${loadavg()[0]?.toFixed(1)}; ` +
      `this process was held up for at most ${heldUpMs().toFixed(0)} ms`,
    ...told,
  ].join('\n');
}

/** A message in one line: what it is, its dialog, what its SDP says. */
export function lineOf(message: SipMessage): string {
  const media = /^m=audio (\d+) \S+ ([\d ]+)/m.exec(message.body);
  const address = /^c=IN IP[46] (\S+)/m.exec(message.body)?.[1];
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(message.body)?.[1];
  return [
    message.startLine.replace(/ SIP\/2\.0$/, ''),
    `(${header(message, 'CSeq')}, Call-ID ${header(message, 'Call-ID')?.slice(-14)})`,
    ...(header(message, 'Reason') === null ? [] : [`Reason ${header(message, 'Reason')}`]),
    ...(media === null ? [] : [`SDP ${address}:${media[1]} ${media[2]?.trim()} ${direction ?? ''}`.trim()]),
  ].join(' ');
}

function cut(text: string): string {
  if (text.includes('\n')) return text.length > LOG_MAX ? `…${text.slice(-LOG_MAX)}` : text;
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}
