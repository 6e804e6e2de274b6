import { describe, expect, it } from 'vitest';
import { readFax, writeFax } from './t38.ts';

const FAX = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.7',
  's=-',
  'c=IN IP4 192.0.2.7',
  't=0 0',
  'm=audio 0 RTP/AVP 8',
  'm=image 4000 UDPTL t38',
  'a=T38FaxVersion:3',
  'a=t38maxbitrate:14400',
  'a=T38FaxFillBitRemoval',
  'a=T38FaxTranscodingMMR:0',
  'a=T38FaxRateManagement:transferredTCF',
  'a=T38FaxMaxBuffer:many',
  'a=T38FaxMaxDatagram:176',
  'a=T38FaxUdpEC:t38UDPRedundancy',
  'a=T38VendorInfo:0 0 37',
  'a=candidate:1 1 UDP 1 192.0.2.7 4000 typ host',
  '',
].join('\r\n');

describe('T.38 annex D: a fax stream', () => {
  it('is read with what the terminal can do, its attributes in any case and nothing that is none', () => {
    expect(readFax(FAX, 4)).toMatchObject({
      udptl: { address: '192.0.2.7', port: 4_000 },
      image: 1,
      streams: [{ type: 'audio' }, { type: 'image' }],
    });
    expect([...(readFax(FAX, 4)?.parameters ?? [])]).toEqual([
      ['T38FaxVersion', '3'],
      ['T38MaxBitRate', '14400'],
      ['T38FaxFillBitRemoval', ''],
      ['T38FaxTranscodingMMR', '0'],
      ['T38FaxRateManagement', 'transferredTCF'],
      ['T38FaxMaxDatagram', '176'],
      ['T38FaxUdpEC', 't38UDPRedundancy'],
    ]);
  });

  it.each([
    ['beside audio that is open', FAX.replace('audio 0', 'audio 5000')],
    ['with port 0', FAX.replace('image 4000', 'image 0')],
    ['over TCP', FAX.replace('UDPTL', 'TCP')],
    ['of another kind', FAX.replace('UDPTL t38', 'UDPTL x')],
    ['at a name', FAX.replace('c=IN IP4 192.0.2.7', 'c=IN IP4 fax.example')],
    ['in no SDP', 'fax'],
  ])('is none %s', (_what, sdp) => {
    expect(readFax(sdp, 4)).toBeNull();
  });

  it('is written at our address in its place, with the other terminal’s attributes and nothing else of its SDP', () => {
    const fax = readFax(FAX, 4);
    if (fax === null) throw new Error('not read');
    const sdp = writeFax({ address: '127.0.0.1', port: 20_000 }, fax.parameters, { sessionId: '42', version: 2 }, fax);
    expect(sdp.split('\r\n')).toEqual([
      'v=0',
      'o=- 42 2 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      'm=audio 0 RTP/AVP 8',
      'm=image 20000 udptl t38',
      'a=T38FaxVersion:3',
      'a=T38MaxBitRate:14400',
      'a=T38FaxFillBitRemoval',
      'a=T38FaxTranscodingMMR:0',
      'a=T38FaxRateManagement:transferredTCF',
      'a=T38FaxMaxDatagram:176',
      'a=T38FaxUdpEC:t38UDPRedundancy',
      '',
    ]);
    expect(readFax(sdp, 4)?.parameters).toEqual(fax.parameters);
  });
});
