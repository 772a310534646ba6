import { LazyAutomaton } from './lazy-automaton.ts';
import { PatternGraph } from './pattern-graph.ts';
import { secretPatterns } from './secret-patterns.ts';
import { SkipTable } from './skip-table.ts';

/** The secrets of one job, made ready once for the masker of each of its streams. */
export class CompiledSecrets {
  /** There is nothing to mask. */
  readonly none: boolean;
  readonly graph: PatternGraph;
  readonly automaton: LazyAutomaton;
  readonly skip: SkipTable;

  constructor(secrets: readonly string[]) {
    const patterns = secretPatterns(secrets);
    this.none = patterns.length === 0;
    this.graph = new PatternGraph(patterns);
    this.automaton = new LazyAutomaton(this.graph);
    this.skip = new SkipTable(this.graph);
  }
}

/** Made once: its tables take about a millisecond, and a job waits. */
export const NO_SECRETS = new CompiledSecrets([]);
