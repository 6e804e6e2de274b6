import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A record of a zone; `data` as a zone file would write it. */
export type ZoneRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string; readonly ttlS?: number }
  | { readonly type: 'SRV'; readonly data: readonly [priority: number, weight: number, port: number, target: string] }
  | {
      readonly type: 'NAPTR';
      readonly data: readonly [order: number, preference: number, flags: string, service: string, replacement: string];
    };

/** A name server of a test on loopback: it answers from `zone` and writes down what it was asked. */
export type DnsServer = {
  /** `127.0.0.1:port`. */
  readonly place: string;
  readonly zone: Record<string, readonly ZoneRecord[]>;
  /** `A name`, `SRV name` …, in order. */
  readonly asked: string[];
  /** While true it says nothing. */
  isMute: boolean;
  close(): Promise<void>;
};

const TYPES: Readonly<Record<number, ZoneRecord['type']>> = { 1: 'A', 28: 'AAAA', 33: 'SRV', 35: 'NAPTR' };

/** Starts one. */
export async function dnsServer(zone: Record<string, readonly ZoneRecord[]>): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const self: DnsServer = {
    place: '',
    zone,
    asked,
    isMute: false,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (query, from) => {
    const { name, end } = readName(query, 12);
    const type = TYPES[query.readUInt16BE(end)];
    asked.push(`${type ?? 'other'} ${name}`);
    if (self.isMute) return;
    const known = self.zone[name.toLowerCase()];
    const records = (known ?? []).filter((one) => one.type === type);
    const head = Buffer.from(query.subarray(0, 12));
    // An answer with authority; NXDOMAIN for a name without any record.
    head.writeUInt16BE(known === undefined ? 0x8583 : 0x8580, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    const question = query.subarray(12, end + 4);
    socket.send(Buffer.concat([head, question, ...records.map(answer)]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return Object.assign(self, { place: `127.0.0.1:${socket.address().port}` });
}

/** One resource record; its name points at the question's. */
function answer(record: ZoneRecord): Buffer {
  const data = dataOf(record);
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16BE(0xc00c, 0);
  fixed.writeUInt16BE(Number(Object.entries(TYPES).find(([, type]) => type === record.type)?.[0]), 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt32BE('ttlS' in record ? (record.ttlS ?? 60) : 60, 6);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}

function dataOf(record: ZoneRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'AAAA':
      return Buffer.from(v6Groups(record.address).flatMap((group) => [group >> 8, group & 0xff]));
    case 'SRV': {
      const [priority, weight, port, target] = record.data;
      return Buffer.concat([uint16(priority), uint16(weight), uint16(port), nameOf(target)]);
    }
    case 'NAPTR': {
      const [order, preference, flags, service, replacement] = record.data;
      const texts = [flags, service, ''].map((text) => Buffer.from(`${String.fromCharCode(text.length)}${text}`));
      return Buffer.concat([uint16(order), uint16(preference), ...texts, nameOf(replacement)]);
    }
  }
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function nameOf(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.from(`${labels.map((label) => String.fromCharCode(label.length) + label).join('')}\0`, 'latin1');
}

function v6Groups(address: string): number[] {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const before = groups(head);
  const after = groups(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function readName(octets: Buffer, from: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = from;
  for (let length = octets[at] ?? 0; length > 0; length = octets[at] ?? 0) {
    labels.push(octets.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), end: at + 1 };
}
