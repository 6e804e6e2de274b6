import type { Settings } from '../config/settings.ts';
import { sipListeners } from '../config/sip-listeners.ts';

/**
 * Where SRTP is required though its keys are there for everybody to read: they stand in the SDP (RFC 4568 §8.1), which only
 * TLS hides. Comment lines behind the YAML; '' when there is nothing to say.
 */
export function srtpWarnings({ carriers, dialers, sip, control }: Settings): string {
  const takesTls = sipListeners(sip.listen, sip.externalAddress).some(({ protocols }) => protocols.includes('tls'));
  const exposed = [
    ...carriers.flatMap(({ srtp, uri }, index) =>
      srtp === 'require' && !/^sips:|;transport=tls\b/i.test(uri)
        ? [`carriers[${index}].srtp: its uri is not sips: and has no ;transport=tls`]
        : [],
    ),
    ...dialers.named.flatMap(({ srtp }, index) =>
      srtp === 'require' && !takesTls && control.drachtio === null
        ? [`dialers.named[${index}].srtp: no tls/ listener in sip.listen`]
        : [],
    ),
  ];
  if (exposed.length === 0) return '';
  return [
    '',
    '# Keys of SRTP go over SIP that anybody on the way can read:',
    ...exposed.map((one) => `#   ${one}`),
    '',
  ].join('\n');
}
