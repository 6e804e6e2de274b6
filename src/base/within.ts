import { addMs, type Clock } from './clock.ts';

/** Whether it came within `limitMs`; it goes on either way. Rejects as it does, when that is sooner. */
export async function within(awaited: Promise<unknown>, limitMs: number, clock: Clock): Promise<boolean> {
  const limit = Promise.withResolvers<boolean>();
  const timer = clock.setTimer(addMs(clock.monotonicMs(), limitMs), () => limit.resolve(false));
  try {
    return await Promise.race([awaited.then(() => true), limit.promise]);
  } finally {
    timer.cancel();
  }
}
