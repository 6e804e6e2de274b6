/** How fast calls are simulated: CPU of one thread a call, by the pacing and by whether the budget refuses. */
import { createGroupRun } from '../src/simulation/group.ts';
import { planOf } from '../src/simulation/plan.ts';
import { scenarioSchema } from '../src/simulation/scenario.ts';
import { optionsOf } from './load/options.ts';
import { figure, placeText, startTable } from './media/table.ts';

const HELP = `usage: npm run bench -- --only simulate [options]
   or: node bench/simulate.ts [options]

--calls 200000       calls on a working day
--agents 200         who take them
--days 6             of each scenario, from a Tuesday
`;

async function run({ calls, agents, days }: Readonly<Record<'calls' | 'agents' | 'days', string>>): Promise<void> {
  console.log(`${placeText()}\n${calls} calls a day, ${agents} agents`);
  const columns = [
    'scenario',
    'calls',
    'events a call',
    'calls a second of CPU',
    'µs of CPU a call',
    '73 M calls, min of CPU',
  ];
  const table = startTable('Simulation, one thread', columns);
  for (const [name, pacing, mode] of [
    ['calls by their rate, the budget observed', 'arrivals', 'observe'],
    ['calls by their rate, the budget enforced', 'arrivals', 'enforce'],
    ['two lines a free agent, the budget enforced', 'lines-per-agent', 'enforce'],
  ] as const) {
    const [plan] = planOf(
      scenarioSchema.parse({
        ...{ days: Number(days), policy: { rules: { 'abandonment-budget': mode } } },
        campaigns: [
          {
            ...{ arrival: { callsPerDay: Number(calls) }, shifts: [{ agents: Number(agents) }], dialer: { pacing } },
            list: { size: 4_000_000 },
          },
        ],
      }),
    );
    if (plan === undefined) throw new Error('the scenario has a campaign');
    const simulation = createGroupRun(plan);
    // The first day warms the code up.
    simulation.day();
    const before = { invites: simulation.invites(), events: simulation.events(), cpu: process.cpuUsage() };
    while (simulation.day());
    const { user, system } = process.cpuUsage(before.cpu);
    const invites = simulation.invites() - before.invites;
    const us = (user + system) / invites;
    table.row([
      ...[name, `${invites}`, figure((simulation.events() - before.events) / invites, 1)],
      ...[figure(1e6 / us, 0), figure(us, 2), figure((us * 73e6) / 60e6, 1)],
    ]);
  }
}

const options = optionsOf(HELP, { calls: '200000', agents: '200', days: '6' });
if (options !== null) await run(options);
