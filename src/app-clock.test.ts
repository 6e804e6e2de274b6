import { expect, it } from 'vitest';
import { lookAtClock } from './app-clock.ts';

const CHRONY = `Reference ID    : C0000201 (192.0.2.1)
System time     : 0.000121904 seconds slow of NTP time
Leap status     : Normal
`;
const NTP = 'associd=0 status=0615 leap_none, sync_ntp, 1 event,\noffset=-1.251, frequency=+3.2, sys_jitter=0.4\n';

it.each([
  ['chronyc says how far it is behind', { chronyc: CHRONY }, [true, 'chronyc', -0.122]],
  ['and ahead', { chronyc: CHRONY.replace('slow', 'fast') }, [true, 'chronyc', 0.122]],
  ['ntpq says what the reference is ahead by', { ntpq: NTP }, [true, 'ntpq', 1.251]],
  ['timedatectl only whether it is set', { timedatectl: 'yes\n' }, [true, 'timedatectl', null]],
  ['one that is not set is told', { ntpq: 'leap_alarm', timedatectl: 'no\n' }, [false, 'ntpq', null]],
  ['nobody tells', {}, [null, null, null]],
] as const)('%s', async (_, programs: Partial<Record<string, string>>, found) => {
  const { synchronised, source, offsetMs } = await lookAtClock(
    async (file) => programs[file] ?? Promise.reject(new Error()),
  );
  expect([synchronised, source, offsetMs]).toEqual(found);
});
