/** A command that leaves a certain kind of process tree behind; every process of it would live for minutes. */
export interface TreeKind {
  readonly name: string;
  /** A shell script. It prints `ready` once the tree stands. */
  readonly script: string;
  /** False: the direct child ends by itself at once. */
  readonly staysInFront: boolean;
  /** True: without a control group it may be impossible to find. */
  readonly evasive?: boolean;
}

const SLEEP = 'sleep 300';
const IGNORE = `trap '' TERM INT HUP;`;

/** The kinds of trees that a job's processes come in, from well-behaved to hostile. Run with `sh -c`. */
export const treeKinds: readonly TreeKind[] = [
  { name: 'a plain child', script: `${SLEEP} & echo ready; wait`, staysInFront: true },
  {
    name: 'a tree that ignores TERM',
    script: `${IGNORE} sh -c "${IGNORE} echo ready; while :; do sleep 300; done"`,
    staysInFront: true,
  },
  {
    name: 'a child in a session of its own',
    script: `setsid ${SLEEP} & echo ready; wait`,
    staysInFront: true,
  },
  {
    name: 'a daemon by double fork',
    script: `setsid sh -c '${SLEEP} </dev/null >/dev/null 2>&1 &' ; echo ready`,
    staysInFront: false,
  },
  {
    name: 'a child with a cleared environment',
    script: `env -i /bin/sh -c '${SLEEP}; :' & echo ready; wait`,
    staysInFront: true,
  },
  {
    name: 'an orphan whose leader is gone',
    script: `${SLEEP} >/dev/null 2>&1 & echo ready`,
    staysInFront: false,
  },
  {
    name: 'a small fork storm',
    script: `i=0; while [ $i -lt 40 ]; do sh -c '${SLEEP} & ${SLEEP}; :' & i=$((i+1)); done; echo ready; while :; do sh -c : ; done`,
    staysInFront: true,
  },
  {
    name: 'a child under nohup',
    script: `nohup ${SLEEP} >/dev/null 2>&1 & echo ready; wait`,
    staysInFront: true,
  },
  {
    name: 'a daemon by double fork with a cleared environment',
    script: `env -i setsid /bin/sh -c '${SLEEP} </dev/null >/dev/null 2>&1 &' ; echo ready`,
    staysInFront: false,
    evasive: true,
  },
];
