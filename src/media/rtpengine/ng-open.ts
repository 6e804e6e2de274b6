/** The three ways of ng, by name. */
import { isIPv6 } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { ngOverTcp } from './ng-tcp.ts';
import type { OpenNgTransport } from './ng-transport.ts';
import { ngOverUdp } from './ng-udp.ts';
import { ngOverWebSocket } from './ng-websocket.ts';

/** Where an rtpengine takes ng, and how. */
export type NgEndpoint = {
  readonly transport: 'udp' | 'tcp' | 'ws';
  /** IP literal. */
  readonly address: string;
  readonly port: number;
};

/** The way to it, not opened yet. */
export function openNg({ transport, address, port }: NgEndpoint, clock: Clock): OpenNgTransport {
  switch (transport) {
    case 'udp':
      return ngOverUdp(address, port);
    case 'tcp':
      return ngOverTcp(address, port, clock);
    case 'ws':
      return ngOverWebSocket(`${isIPv6(address) ? `[${address}]` : address}:${port}`, clock);
  }
}
