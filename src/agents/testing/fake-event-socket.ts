/** A FreeSWITCH as its event socket shows it: as much of mod_event_socket as a client of ours can meet. */
import type { RawHeaders } from '../freeswitch/event-headers.ts';

/** What the server has and how it behaves; a test changes it at any time. */
export type FakePbx = {
  password: string;
  /** Descriptions by Unique-ID. */
  readonly channels: Map<string, RawHeaders>;
  /** `conference json_list`. */
  conferences: string;
  /** `callcenter_config queue list agents`, by queue. */
  readonly queues: Map<string, string>;
  /** Commands it refuses with "permission denied". */
  denied: RegExp | null;
  /** Every command it was given. */
  readonly commands: string[];
};

export function fakePbx(password = 'ClueCon'): FakePbx {
  return {
    password,
    channels: new Map(),
    conferences: '+OK No active conferences.\n',
    queues: new Map(),
    denied: null,
    commands: [],
  };
}

/** The greeting of a new connection. */
export const AUTH_REQUEST = 'Content-Type: auth/request\n\n';

const reply = (text: string) => `Content-Type: command/reply\nReply-Text: ${text}\n\n`;
const answer = (text: string) => `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`;

/** An event as the socket sends it. */
export function eventFrame(headers: RawHeaders): string {
  const body = `${[...headers].map(([name, value]) => `${name}: ${value}\n`).join('')}\n`;
  return `Content-Length: ${Buffer.byteLength(body)}\nContent-Type: text/event-plain\n\n${body}`;
}

/** What the server says to one command. */
export function pbxAnswer(pbx: FakePbx, command: string): string {
  pbx.commands.push(command);
  if (pbx.denied?.test(command) === true) return reply('-ERR permission denied');
  if (command.startsWith('auth ')) return reply(command === `auth ${pbx.password}` ? '+OK accepted' : '-ERR invalid');
  if (command.startsWith('userauth ')) {
    return command.endsWith(`:${pbx.password}`)
      ? 'Content-Type: command/reply\nReply-Text: +OK accepted\nAllowed-Events: all\nAllowed-API: show\n\n'
      : reply('-ERR invalid');
  }
  if (command.startsWith('filter ')) return reply('+OK filter added. [a]=[b]');
  if (command.startsWith('event plain ')) return reply('+OK event listener enabled plain');
  if (command === 'api strepoch') return answer('1795309971');
  if (command === 'api conference json_list') return answer(pbx.conferences);
  if (command === 'api show channels as json') return answer(channelList(pbx));
  if (command.startsWith('api uuid_dump ')) return answer(dump(pbx.channels.get(command.slice(14))));
  if (command.startsWith('api callcenter_config queue list agents ')) {
    return answer(pbx.queues.get(command.slice(40)) ?? '-ERR callcenter_config Command not found!\n');
  }
  return reply('-ERR command not found');
}

function channelList(pbx: FakePbx): string {
  const rows = [...pbx.channels].map(([uuid, headers], index) => ({
    uuid,
    callstate: headers.get('Answer-State') === 'answered' ? 'ACTIVE' : 'RINGING',
    created_epoch: String(1_795_309_000 + index),
  }));
  return `${JSON.stringify({ row_count: rows.length, ...(rows.length === 0 ? {} : { rows }) })}\n`;
}

function dump(headers: RawHeaders | undefined): string {
  if (headers === undefined) return '-ERR No such channel!\n';
  return `${[...headers].map(([name, value]) => `${name}: ${value}\n`).join('')}\n`;
}
