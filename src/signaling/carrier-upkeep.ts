/** What goes on with carriers between calls: registrations, and the question whether they are there. */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type Random, randomToken } from '../base/random.ts';
import { uuidV7 } from '../base/uuid.ts';
import type { CarrierReports } from '../guard/signaling-port.ts';
import { createCarrierProbe } from './carrier-probe.ts';
import type { CarrierProfile } from './carrier-profile.ts';
import type { DigestClient } from './digest-client.ts';
import type { Srf } from './drachtio-srf.ts';
import { createRegistration } from './registration.ts';

/** What it works with. */
export type CarrierUpkeepParts = {
  readonly srf: Srf;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly carriers: readonly CarrierProfile[];
  readonly digestFor: (carrier: string) => DigestClient | null;
  readonly carrierReports: CarrierReports;
  readonly isConnected: () => boolean;
  readonly userAgent: string;
};

/** All of it. */
export type CarrierUpkeep = {
  start(): void;
  connectionReturned(): void;
  /** Takes the registrations back. */
  stop(): Promise<void>;
};

/** Octets of a From tag. */
const TAG_OCTETS = 8;

export function createCarrierUpkeep(parts: CarrierUpkeepParts): CarrierUpkeep {
  const { clock, carrierReports: reports } = parts;
  const probe = createCarrierProbe({ ...parts, reports });
  const registrations = parts.carriers.flatMap(({ name, registration, credentials }) =>
    registration === null || credentials === null
      ? []
      : createRegistration({
          ...parts,
          ...registration,
          carrier: name,
          username: credentials.username,
          digest: parts.digestFor(name),
          callId: uuidV7(clock.now().wallMs),
          fromTag: randomToken(TAG_OCTETS),
          onState: (state) => reports.registration(name, state),
        }),
  );
  let started = false;

  return {
    start() {
      started = true;
      probe.start();
      for (const registration of registrations) registration.start();
    },
    connectionReturned() {
      for (const registration of registrations) registration.again();
    },
    async stop() {
      probe.stop();
      if (started) await Promise.all(registrations.map((registration) => registration.stop()));
    },
  };
}
