import type { Command } from 'commander';
import { z } from 'zod';
import type { CliContext, CommandResult } from './cli-context.ts';
import { type ClientOptions, openClient, withClientOptions } from './client-options.ts';
import { textTable } from './text-table.ts';

const agentList = z.object({
  _embedded: z.object({
    agents: z.array(
      z.looseObject({
        uuid: z.string(),
        hostname: z.string(),
        agent_config_state: z.string(),
        agent_state: z.string(),
        display_state: z.string().optional(),
        agent_version: z.string().nullish(),
        resources: z.array(z.string()).optional(),
        environments: z.array(z.object({ name: z.string() })),
        build_details: z
          .looseObject({ pipeline_name: z.string(), stage_name: z.string(), job_name: z.string() })
          .optional(),
      }),
    ),
  }),
});

type Agent = z.infer<typeof agentList>['_embedded']['agents'][number];

export function addAgentsCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  withClientOptions(program.command('agents'))
    .description(
      'List the agents and their states: pending, idle, preparing, building, cancelled, lost-contact, missing, disabled.',
    )
    .option('--json', "print the server's answer", false)
    .addHelpText(
      'after',
      '\nExample:\n  go-server agents --server-url http://127.0.0.1:8153/go\n\nExit codes: 0 listed, 1 failed, 2 wrong usage',
    )
    .action(async (options: ClientOptions & { readonly json: boolean }) => {
      await using client = await openClient(options, context);
      const answer = await client.getJson('/api/agents', 7, context.stop);
      context.out(
        options.json
          ? `${JSON.stringify(answer, null, 2)}\n`
          : table(agentList.parse(answer)._embedded.agents),
      );
      finish(0);
    });
}

function table(agents: readonly Agent[]): string {
  if (agents.length === 0) return 'No agents yet.\n';
  const rows = agents.map((agent) => [
    // A GoCD server has no `display_state`.
    agent.display_state ??
      (agent.agent_config_state === 'Enabled' ? agent.agent_state : agent.agent_config_state),
    agent.hostname,
    agent.build_details ? locator(agent.build_details).join('/') : '-',
    agent.resources?.join(', ') || '-',
    agent.environments.map(({ name }) => name).join(', ') || '-',
    agent.agent_version || '-',
    agent.uuid,
  ]);
  return textTable(['STATE', 'HOST', 'BUILDING', 'RESOURCES', 'ENVIRONMENTS', 'VERSION', 'UUID'], rows);
}

function locator({
  pipeline_name,
  stage_name,
  job_name,
}: NonNullable<Agent['build_details']>): readonly string[] {
  return [pipeline_name, stage_name, job_name];
}
