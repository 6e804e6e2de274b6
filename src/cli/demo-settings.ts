import { createSocket } from 'node:dgram';
import { AppError } from '../base/errors.ts';
import type { SettingsInput } from '../config/settings.ts';

/** The loopback address that everything in the demo binds to. */
export const DEMO_ADDRESS = '127.0.0.1';

/** Ports of one block: 30 calls at once with four each. */
const RTP_BLOCK_PORTS = 120;

/** Between the ports of a guard that runs with the defaults (20000–29999) and those the system gives away (32768 up). */
const RTP_FIRST_PORT = 30_000;
const RTP_LAST_PORT = 32_767;

/** What of a demo's settings is known only when it runs. */
export type DemoPlaces = {
  readonly carrierPort: number;
  readonly rtpPortMin: number;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  readonly apiKey: string;
  readonly dataDir: string;
};

/** A guard on loopback that collides with no other: every port is one that is free. */
export function demoSettings(places: DemoPlaces): SettingsInput {
  return {
    sip: { listen: `${DEMO_ADDRESS}:0` },
    carriers: [{ name: 'built-in', uri: `sip:${DEMO_ADDRESS}:${places.carrierPort}` }],
    rtp: {
      address: DEMO_ADDRESS,
      portMin: places.rtpPortMin,
      portMax: places.rtpPortMin + RTP_BLOCK_PORTS - 1,
    },
    http: { listen: `${DEMO_ADDRESS}:0`, apiKeys: [places.apiKey] },
    webhooks: [{ name: 'demo', url: places.webhookUrl, secrets: [places.webhookSecret] }],
    // A number that is being called is not called again.
    policy: { rules: { 'recall-lock': 'enforce' } },
    data: { dir: places.dataDir },
  };
}

/** The first port of a block of free UDP ports. Throws AppError `demo.no-rtp-ports` when every block is in use. */
export async function findRtpBlock(): Promise<number> {
  for (let first = RTP_FIRST_PORT; first + RTP_BLOCK_PORTS - 1 <= RTP_LAST_PORT; first += RTP_BLOCK_PORTS) {
    const ports = Array.from({ length: RTP_BLOCK_PORTS }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new AppError('demo.no-rtp-ports', `no ${RTP_BLOCK_PORTS} UDP ports in a row are free on ${DEMO_ADDRESS}`);
}

function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(port, DEMO_ADDRESS, () => socket.close(() => resolve(true)));
  });
}
