/** The settings of the relay by rtpengine. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { name } from './setting-values.ts';

/** Where an rtpengine takes ng, and how. */
export type NgPlace = {
  readonly transport: 'udp' | 'tcp' | 'ws';
  readonly address: string;
  readonly port: number;
};

/** What a place is written as. */
const NG_PLACE_SYNTAX = 'expected address:port, with udp/, tcp/ or ws/ before it or not, such as 127.0.0.1:2223';

/** Reads `tcp/192.0.2.1:2224`; without a transport it is UDP. Null for anything else. */
export function readNgPlace(text: string): NgPlace | null {
  const match = /^(?:(?<transport>udp|tcp|ws)\/)?(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:/]+)):(?<port>\d{1,5})$/.exec(text);
  const { transport = 'udp', v4, v6, port: digits } = match?.groups ?? {};
  const address = v6 ?? v4;
  const port = Number(digits);
  if (address === undefined || isIP(address) !== (v6 === undefined ? 4 : 6) || port === 0 || port > 65_535) return null;
  return { transport: transport as NgPlace['transport'], address, port };
}

const instanceSchema = z.strictObject({
  address: z
    .string()
    .refine((text) => readNgPlace(text) !== null, { error: NG_PLACE_SYNTAX })
    .describe(
      'where it takes ng: udp/, tcp/ or ws/ and address:port (listen-ng, listen-tcp-ng, listen-http); no transport: udp',
    ),
  weight: z.int().min(1).max(1_000).default(1).describe('its share of new calls among those that answer'),
});

/** `media.rtpengine`. */
export const rtpengineSection = z
  .strictObject({
    instances: z
      .array(instanceSchema)
      .min(1)
      .max(32)
      .refine((all) => new Set(all.map(({ address }) => address)).size === all.length, {
        error: 'addresses must differ',
      })
      .describe('the rtpengines; a call stays with the one it was given to'),
    whenDown: z
      .enum(['refuse', 'embedded'])
      .default('refuse')
      .describe(
        "while none answers: new calls are refused, or have Brusio's own ports, which peers must then be able to reach",
      ),
    direct: z
      .boolean()
      .default(true)
      .describe(
        'bridged audio passes rtpengine alone; false: Brusio too, which then fills every silence of the dialer',
      ),
    timeoutMs: z
      .int()
      .min(200)
      .max(10_000)
      .default(1_500)
      .describe('how long an answer of rtpengine is waited for, ms'),
    lostAfterMs: z
      .int()
      .min(1_000)
      .max(60_000)
      .default(5_000)
      .describe('the calls of an rtpengine that has not answered for so long are ended, ms'),
    interfaces: z
      .strictObject({
        brusio: name.describe('its interface towards Brusio'),
        dialers: name.describe('its interface towards dialers'),
        carriers: name.describe('its interface towards carriers'),
      })
      .nullable()
      .default(null)
      .describe("names of rtpengine's interfaces, where it has several; null: it has one for all"),
  })
  .nullable()
  .default(null)
  .describe("relays the audio of calls at rtpengine's addresses; null: Brusio does itself");
