/** Kamailio as a proxy on the way: record-routes, repairs what NAT broke, and lets nothing through that has no route. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../engine-under-test.ts';
import { workFolder } from '../work-folder.ts';
import { until } from './user-agent.ts';

/** Where it stands. */
export type KamailioOptions = {
  readonly listen: Endpoint;
  /** Where requests outside any dialog go. */
  readonly next: Endpoint;
};

/** A running proxy. */
export type Kamailio = { story(): string; close(): Promise<void> };

const STARTED_WITHIN_MS = 15_000;

/** Starts a proxy. */
export function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  return runKamailio(workFolder('kamailio'), configOf(options));
}

/** Starts a Kamailio with a configuration; resolves when its sockets are bound. */
export async function runKamailio(folder: string, config: string): Promise<Kamailio> {
  const file = join(folder, 'kamailio.cfg');
  writeFileSync(file, `${config}\nevent_route[core:worker-one-init] { xlog("L_ERR", "${READY}\\n"); }\n`);
  // -DD: it does not leave us; its children end with it.
  const child = spawn('kamailio', ['-DD', '-E', '-f', file, '-w', folder, '-Y', folder, '-m', '32', '-M', '4'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const story = () => output;
  await until('kamailio: ready', () => output.includes(READY), story, STARTED_WITHIN_MS);
  return {
    story,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Logged by its first worker, whose sockets are bound by then. */
const READY = 'the first worker is ready';

function configOf({ listen, next }: KamailioOptions): string {
  const modules = ['tm', 'sl', 'rr', 'pv', 'maxfwd', 'textops', 'siputils', 'nathelper', 'xlog'];
  return `#!KAMAILIO
debug=2
log_stderror=yes
children=2
disable_tcp=yes
auto_aliases=no
listen=udp:${listen.address}:${listen.port}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("rr", "append_fromtag", 1)

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  force_rport();
  if (is_method("INVITE|UPDATE")) fix_nated_contact();
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_on_reply("REPAIR"); t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    xlog("L_ERR", "a request in a dialog came without its route: $rm $ru\\n");
    sl_send_reply("404", "No Route");
    exit;
  }
  t_check_trans();
  if (is_method("INVITE")) record_route();
  $du = "sip:${next.address}:${next.port}";
  t_on_reply("REPAIR");
  if (!t_relay()) sl_reply_error();
}

onreply_route[REPAIR] { fix_nated_contact(); }
`;
}
