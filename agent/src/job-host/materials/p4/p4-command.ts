import type { P4Material } from '@go-agent/protocol';
import type { JobContext } from '../../job-context.ts';
import { passwordOf } from '../material-credentials.ts';
import { ScmClient } from '../scm-client.ts';
import { p4ClientName } from './p4-client-spec.ts';

// A file P4CONFIG in the working folder, or variables of the agent, must not lead p4 elsewhere.
const WITHHELD = ['P4CONFIG', 'P4DIFF', 'P4EDITOR', 'P4MERGE', 'P4PASSWD', 'P4USER'];

/** p4 at work in one folder. The password is in its environment or, with tickets, on the standard input of `p4 login`. */
export class P4Command extends ScmClient {
  readonly client: string;
  readonly #password: string | undefined;

  /** @throws AppError material-failed if the password is not resolved */
  constructor(folder: string, material: P4Material, context: JobContext) {
    const { serverAndPort, useTickets, userName } = material;
    const client = p4ClientName(context.assignment.agent.hostName, folder);
    const password = passwordOf(material, `Perforce at ${serverAndPort}`);
    super(
      {
        command: 'p4',
        product: 'the Perforce client',
        folder,
        environment: {
          P4PORT: serverAndPort,
          P4CLIENT: client,
          ...(userName === undefined || userName.trim() === '' ? {} : { P4USER: userName }),
          ...(password === undefined || useTickets ? {} : { P4PASSWD: password }),
        },
        withheld: WITHHELD,
      },
      context,
    );
    this.client = client;
    this.#password = useTickets ? password : undefined;
  }

  /** Gets a ticket, if the material is to use one. */
  async login(): Promise<void> {
    if (this.#password !== undefined)
      await this.run(['login'], 'p4 login failed', { input: `${this.#password}\n` });
  }
}
