import type { Datagram } from '../../../testing/lossy-network.ts';

/**
 * Every 2xx to an INVITE that one of these stations sent and that has neither an ACK nor a BYE of its dialog, from either
 * side. What a station said before it died does not count: nobody repeats it.
 */
export function unfinishedAnswers(
  sent: readonly Datagram[],
  speakers: ReadonlySet<string>,
): { readonly unfinished: string[]; readonly seen: Set<string> } {
  const answers = new Map<string, string>();
  const settled = new Set<string>();
  const seen = new Set<string>();
  for (const { octets, from } of sent) {
    const text = octets.toString('latin1');
    const callId = field(text, 'Call-ID');
    const [number = '', method = ''] = field(text, 'CSeq').split(' ');
    const toTag = tag(text, 'To');
    const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1];
    seen.add(status === undefined ? method : `${status} ${method}`);
    if (method === 'BYE' && /"(?:ACK timeout|answer never acknowledged)"/.test(text)) seen.add('ACK timeout');
    if (status?.startsWith('2') === true && method === 'INVITE') {
      if (speakers.has(from))
        answers.set(`${callId} ${number} ${toTag}`, `${callId} ${[toTag, tag(text, 'From')].sort()}`);
    } else if (status === undefined && method === 'ACK') {
      settled.add(`${callId} ${number} ${toTag}`);
    } else if (status === undefined && method === 'BYE') {
      settled.add(`${callId} ${[toTag, tag(text, 'From')].sort()}`);
    }
  }
  const unfinished: string[] = [];
  for (const [answer, dialog] of answers) {
    if (!settled.has(answer) && !settled.has(dialog)) unfinished.push(`2xx without ACK or BYE: ${answer}`);
  }
  return { unfinished, seen };
}

function field(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}: `);
  return start < 0 ? '' : text.slice(start + name.length + 4, text.indexOf('\r\n', start + 2));
}

function tag(text: string, name: string): string {
  return /;tag=([^;\s]*)/.exec(field(text, name))?.[1] ?? '';
}
