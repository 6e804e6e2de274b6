/**
 * The layering of ARCHITECTURE.md as rules: main → cli → app → edges → guard → core → base. `npm test` runs them, and
 * checks with a planted violation that they still bite.
 */
const CORE = '^src/(call|policy|ledger|audio)/';
const EDGES = ['signaling', 'agents', 'media', 'store', 'webhook', 'http'];
const TEST = '(\\.test\\.ts$|^src/testing/|^src/[^/]+/testing/)';
const IO_MODULES =
  '^(node:)?(fs|fs/promises|net|dgram|dns|dns/promises|tls|http|https|http2|worker_threads|child_process|cluster|sqlite|readline|timers|timers/promises)$';

/** One rule an edge: it may know itself, the ports, core and base, and no other edge. */
const edgeRules = EDGES.map((edge) => ({
  name: `${edge}-is-an-edge`,
  comment: `src/${edge}/ implements ports of the guard; it may import core, base, the ports of guard/ (…-port.ts, agent-source.ts, guard-view.ts) and guard/journal.ts`,
  severity: 'error',
  from: { path: `^src/${edge}/`, pathNot: TEST },
  to: {
    path: '^src/',
    pathNot: [`^src/${edge}/`, CORE, '^src/base/', '^src/guard/(agent-source|guard-view|journal|[a-z-]+-port)\\.ts$'],
  },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'a cycle has no bottom layer',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'base-knows-nothing',
      severity: 'error',
      from: { path: '^src/base/', pathNot: TEST },
      to: { path: '^src/', pathNot: '^src/base/' },
    },
    {
      name: 'core-is-pure',
      comment: 'core imports only core and base',
      severity: 'error',
      from: { path: CORE, pathNot: TEST },
      to: { path: '^src/', pathNot: [CORE, '^src/base/'] },
    },
    {
      name: 'core-and-guard-do-no-io',
      comment: 'the outside world enters through the edges',
      severity: 'error',
      from: { path: ['^src/(call|policy|ledger|audio|guard|base)/'], pathNot: TEST },
      to: { path: IO_MODULES },
    },
    {
      name: 'sip-io-stands-apart',
      comment: 'within the engine only transport, control and the thread files touch the world',
      severity: 'error',
      from: { path: '^src/sip/(message|transaction|dialog)/', pathNot: TEST },
      to: { path: IO_MODULES },
    },
    {
      name: 'guard-knows-core-and-base',
      severity: 'error',
      from: { path: '^src/guard/', pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/guard/', CORE, '^src/base/'] },
    },
    {
      name: 'config-knows-core-and-base',
      severity: 'error',
      from: { path: '^src/config/', pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/config/', CORE, '^src/base/'] },
    },
    {
      name: 'simulation-knows-core-and-base',
      comment: 'src/simulation/ plays calls before the rules of law, without any I/O',
      severity: 'error',
      from: { path: '^src/simulation/', pathNot: TEST },
      to: { path: ['^src/', IO_MODULES], pathNot: ['^src/simulation/', CORE, '^src/base/'] },
    },
    {
      name: 'the-engine-knows-base-alone',
      comment: 'src/sip/ is a drachtio-server in miniature and knows nothing of campaigns',
      severity: 'error',
      from: { path: '^src/sip/', pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/sip/', '^src/base/'] },
    },
    {
      name: 'nobody-knows-app-but-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/(app|app-metrics|main)\\.ts$', '^src/cli/'] },
      to: { path: '^src/(app|main|cli)' },
    },
    {
      name: 'peers-are-for-demo-and-doctor',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/peers/', '^src/cli/(demo|doctor/)'] },
      to: { path: '^src/peers/' },
    },
    {
      name: 'peers-know-the-stack-alone',
      severity: 'error',
      from: { path: '^src/peers/', pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/(peers|sip|audio|call|base)/'] },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: ['^src/testing/', '^src/[^/]+/testing/'] },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    ...edgeRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'] },
  },
};
