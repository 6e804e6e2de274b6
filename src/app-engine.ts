/** The embedded SIP engine as the settings have it. */
import { type Settings, socketAddressOf } from './config/settings.ts';
import { sipListeners } from './config/sip-listeners.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from './sip/engine-options.ts';
import type { HomerOptions } from './sip/transport/homer.ts';

/** A start takes one to three seconds; a dialer that gets no 100 for ten has mostly given up by itself. */
const START_HOLD_MS = 10_000;

/** @param own how it calls itself, and who may call */
export function engineOptions(all: Settings, own: Pick<EngineOptions, 'userAgent' | 'allowedSources'>): EngineOptions {
  return {
    ...DEFAULT_ENGINE_OPTIONS,
    listen: sipListeners(all.sip.listen, all.sip.externalAddress),
    udpOctetsMax: all.sip.udpRequestOctetsMax,
    streams: {
      ...DEFAULT_ENGINE_OPTIONS.streams,
      connectionsMax: all.sip.connectionsMax,
      idleMs: all.sip.connectionIdleMs,
      connectMs: all.sip.connectTimeoutMs,
    },
    tls: all.sip.tls,
    hosts: all.sip.hosts,
    nameServers: all.sip.nameServers,
    unlistedSource: all.dialers.unlisted,
    startHoldMs: START_HOLD_MS,
    ...own,
    homer: homerOf(all),
  };
}

function homerOf({ homer }: Settings): HomerOptions | null {
  if (homer === null) return null;
  return { ...socketAddressOf(homer.address), id: homer.captureId, password: homer.password };
}
