import type { LossyNetwork } from '../../../testing/lossy-network.ts';

/**
 * A proxy that forwards what is addressed to itself to all its targets, everything else to where its request-URI says, and
 * every response back, and that remembers nothing: the rudest forking there is, since the caller sees every fork's failure
 * and every fork's 2xx.
 */
export function forkingProxy(network: LossyNetwork, host: string, targets: readonly string[]): void {
  const place = `${host}:5060`;
  network.attach(place, (octets, from) => {
    const text = octets.toString('latin1');
    if (text.startsWith('SIP/2.0')) {
      const caller = /^Via: [^\r]*;caller=([\d.:]+)/m.exec(text)?.[1];
      if (caller !== undefined)
        network.send(place, caller, Buffer.from(text.replace(/^Via: [^\r]*\r\n/m, ''), 'latin1'));
      return;
    }
    const branch = /^Via: [^\r]*;branch=z9hG4bK([^;\r]*)/m.exec(text)?.[1] ?? '';
    const target = /^\w+ sip:(?:[^@ ]*@)?([\d.]+)(?::(\d+))?/.exec(text);
    const next = target?.[1] === host ? targets : [`${target?.[1]}:${target?.[2] ?? '5060'}`];
    for (const [index, hop] of next.entries()) {
      const via = `Via: SIP/2.0/UDP ${host}:5060;branch=z9hG4bKfork${index}${branch};caller=${from}\r\n`;
      network.send(place, hop, Buffer.from(text.replace(/^Via: /m, `${via}Via: `), 'latin1'));
    }
  });
}
