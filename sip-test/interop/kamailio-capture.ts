/** Kamailio as the Homer server: its sipcapture module reads HEP3, and tells of every message whose it is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../engine-under-test.ts';
import { workFolder } from '../work-folder.ts';
import { type Kamailio, runKamailio } from './kamailio.ts';

/** A captured message as Kamailio read it. */
export type CapturedMessage = {
  readonly source: Endpoint;
  /** Method of a request, status of a response. */
  readonly what: string;
  readonly callId: string;
};

/** A running capture node. */
export type CaptureNode = Kamailio & { captured(): readonly CapturedMessage[] };

/** Starts one. */
export async function startCaptureNode(listen: Endpoint): Promise<CaptureNode> {
  const folder = workFolder('capture-node');
  // The module wants a database, though nothing is written to it.
  const database = join(folder, 'database');
  mkdirSync(database);
  writeFileSync(join(database, 'version'), 'table_name(string) table_version(int)\nsip_capture:4\n');
  writeFileSync(join(database, 'sip_capture'), 'id(int)\n');
  const node = await runKamailio(folder, configOf(listen, database));
  return {
    ...node,
    captured: () =>
      [...node.story().matchAll(/CAPTURED (\S+) (\d+) (\S+) (\S+) END/g)].map(
        ([, address = '', port, what = '', callId = '']) => ({
          source: { address, port: Number(port) },
          what,
          callId,
        }),
      ),
  };
}

function configOf(listen: Endpoint, database: string): string {
  const modules = ['sl', 'pv', 'xlog', 'db_text', 'sipcapture'];
  return `#!KAMAILIO
debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:${listen.address}:${listen.port}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "db_url", "text://${database}")

request_route { xlog("L_ERR", "CAPTURED $si $sp $rm $ci END\\n"); exit; }
onreply_route { xlog("L_ERR", "CAPTURED $si $sp $rs $ci END\\n"); exit; }
`;
}
