import { afterEach } from 'vitest';
import { SipPeer } from './sip-peer.ts';

/** The peers of a test. */
export type TestPeers = {
  open(...parts: Parameters<typeof SipPeer.open>): Promise<SipPeer>;
  /** Closes them before the test's end, so that others can have their addresses. */
  close(): Promise<void>;
};

/** For a `describe`: peers that are closed after the test that opened them. */
export function peersPerTest(): TestPeers {
  const peers: SipPeer[] = [];
  const close = async () => {
    for (const peer of peers.splice(0)) await peer.close();
  };
  afterEach(close);
  return {
    async open(...parts) {
      const peer = await SipPeer.open(...parts);
      peers.push(peer);
      return peer;
    },
    close,
  };
}
