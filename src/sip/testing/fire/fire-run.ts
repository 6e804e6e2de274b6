import { addMs } from '../../../base/clock.ts';
import { seededRandom } from '../../../base/random.ts';
import { fakeClock } from '../../../testing/fake-clock.ts';
import { lossyNetwork, type Weather } from '../../../testing/lossy-network.ts';
import { fireActor, type Temper } from './fire-actor.ts';
import { type FireLimits, fireStation } from './fire-station.ts';
import { forkingProxy } from './forking-proxy.ts';
import { unfinishedAnswers } from './wire-check.ts';

/** What went wrong under one seed; nothing at all when all is well. `seen` are the kinds of messages on the wire. */
export type FireReport = { readonly problems: readonly string[]; readonly seen: ReadonlySet<string> };

/** How long applications do as they please. */
const PLAY_MS = 150_000;

/** Longer than any timer: a ringing call's ten minutes, then 64*T1 twice. */
const SETTLE_MS = 800_000;

/** Three stations and a forking proxy play random calls in random weather; then the sky clears and everybody hangs up. */
export function playFire(seed: number): FireReport {
  const clock = fakeClock();
  const random = seededRandom(seed * 7_919 + 13);
  const weather = weatherOf(random());
  const network = lossyNetwork(clock, random, weather);
  const limits = limitsOf(random());
  let serial = 0;
  const newToken = () => {
    serial++;
    return `${(serial * 2_654_435_761).toString(16).padStart(8, '0').slice(-8)}${serial.toString(16).padStart(8, '0')}`;
  };
  const stations = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) =>
    fireStation(host, clock, network, newToken, limits),
  );
  forkingProxy(network, '10.0.0.5', ['10.0.0.2:5060', '10.0.0.3:5060']);
  const isSteady = random() < 0.5;
  const tempers = stations.map(() => temperOf(isSteady ? 0 : random()));
  const actors = stations.map((station, index) => fireActor(station, clock, random, tempers[index] as Temper));
  const at = (ms: number, act: () => void) => clock.setTimer(addMs(clock.monotonicMs(), ms), act);

  const total = 1 + Math.floor(random() * 4);
  for (let index = 0; index < total; index++) {
    const caller = Math.floor(random() * 3);
    const isForked = caller === 0 && random() < 0.3;
    const callee = isForked ? 5 : 1 + ((caller + 1 + Math.floor(random() * 2)) % 3);
    at(random() * 20_000, () => actors[caller]?.call(`sip:x@10.0.0.${callee}`));
  }
  const isMortal = random() < 0.25;
  if (isMortal) at(random() * PLAY_MS * 0.3, () => actors[Math.floor(random() * 3)]?.die());
  if (isMortal && random() < 0.5) at(random() * PLAY_MS * 0.3, () => actors[Math.floor(random() * 3)]?.restartEngine());

  clock.advance(PLAY_MS);
  network.clear();
  for (const actor of actors) actor.wrapUp();
  // A call that was still being set up when its application wanted to go home.
  for (let round = 0; round < 4; round++) {
    clock.advance(SETTLE_MS / 4);
    for (const actor of actors) actor.wrapUp();
  }
  clock.advance(SETTLE_MS / 4);

  const problems: string[] = [];
  for (const actor of actors) {
    actor.settle();
    problems.push(...actor.complaints);
  }
  for (const station of stations) {
    problems.push(...station.contained.map((thrown) => `${station.host} contained ${thrown}`));
    for (const [what, count] of Object.entries(station.leftovers())) {
      if (count !== 0) problems.push(`${station.host} has ${count} ${what} left`);
    }
  }
  const speakers = new Set(stations.filter((station) => station.life() === 1).map((station) => `${station.host}:5060`));
  const { unfinished, seen } = unfinishedAnswers(network.sent, speakers);
  problems.push(...unfinished);
  // Where nobody forgets, dies or is overloaded, and not too much is lost, every ACK arrives in 64*T1.
  const isCalm = weather.lossShare <= 0.2 && tempers.every((temper) => temper.forgets === 0);
  if (isCalm && !isMortal && limits === ROOMY && seen.has('ACK timeout')) problems.push('a 2xx was never acknowledged');
  return { problems, seen };
}

function weatherOf(chance: number): Weather {
  if (chance < 0.2) return { lossShare: 0, duplicateShare: 0, delayMsMin: 1, delayMsMax: 5 };
  if (chance < 0.5) return { lossShare: 0.05, duplicateShare: 0.3, delayMsMin: 1, delayMsMax: 700 };
  if (chance < 0.8) return { lossShare: 0.2, duplicateShare: 0.05, delayMsMin: 1, delayMsMax: 100 };
  return { lossShare: 0.4, duplicateShare: 0.1, delayMsMin: 1, delayMsMax: 1_500 };
}

const ROOMY: FireLimits = { transactionsMax: 10_000, dialogsMax: 1_000 };

/** Mostly room enough; now and then an overloaded element. */
function limitsOf(chance: number): FireLimits {
  if (chance < 0.8) return ROOMY;
  return chance < 0.9 ? { transactionsMax: 6, dialogsMax: 1_000 } : { transactionsMax: 10_000, dialogsMax: 2 };
}

function temperOf(chance: number): Temper {
  if (chance < 0.3) return { slow: 0.05, forgets: 0, restless: 0.6 };
  if (chance < 0.6) return { slow: 0.05, forgets: 0.02, restless: 0.6 };
  return chance < 0.85 ? { slow: 0.5, forgets: 0.1, restless: 0.9 } : { slow: 0.1, forgets: 0.4, restless: 0.7 };
}
